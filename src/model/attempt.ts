import type { ErrorClass } from "./error-class.ts";
import type { NanoDollars } from "./money.ts";
import type { RoutingRecord } from "./routing-record.ts";
import type { Usage } from "./usage.ts";

/** How an attempt ended. Every attempt ends in exactly one of these. */
export type Outcome = "ok" | "failed" | "interrupted" | "cancelled" | "blocked";

/** Whether an outcome, of an attempt or a request, is an error. That the client left or was refused is none. */
export function isFailure(outcome: string): boolean {
  return outcome === "failed" || outcome === "interrupted";
}

/**
 * What an attempt may be made for, other than to give the client an answer from its beginning: to go on with one that
 * broke off; or as a copy whose answer nobody gets, which is none of the request's own attempts.
 */
export const ATTEMPT_PURPOSES = ["continuation", "shadow"] as const;

export type AttemptPurpose = (typeof ATTEMPT_PURPOSES)[number];

/** What one call upstream is known to be before any byte of it is sent. */
export interface AttemptOpening {
  readonly attemptId: string;
  readonly requestId: string;
  /** 1 for the first attempt of a request; 0 for a shadow. */
  readonly ordinal: number;
  readonly startedAtMs: number;
  readonly provider: string;
  readonly model: string;
  /** The request body's size: what an interrupted attempt's input is estimated from. */
  readonly bodyBytes: number;
  /** What the project is billed for a dollar of cost, as an exact decimal. Absent: the dollar. */
  readonly markup?: string;
  /** Absent: an answer from its beginning. */
  readonly purpose?: AttemptPurpose;
}

/** How one call upstream went. Times are durations since `startedAtMs`. */
export interface AttemptClosing {
  readonly attemptId: string;
  readonly outcome: Outcome;
  /** The provider's HTTP status, if it came to one. */
  readonly upstreamStatus?: number;
  readonly errorClass?: ErrorClass;
  readonly errorCode?: string;
  readonly finishReason?: string;
  readonly usage: Usage;
  /** Absent where the price book has no price for the model. */
  readonly cost?: NanoDollars;
  /** The cost with the project's markup. Absent where there is no cost. */
  readonly billed?: NanoDollars;
  /** What the cached input would have cost more, had it not been cached. Absent for none, or where nobody knows. */
  readonly cacheSavings?: NanoDollars;
  readonly priceBookVersion: string;
  /** The id of the price sheet that the cost was worked out with. */
  readonly priceSheet?: string;
  /** The tier that served the call, in the provider's word. */
  readonly serviceTier?: string;
  readonly firstTokenMs?: number;
  readonly totalMs: number;
  /** Bytes of the answer that the provider sent. */
  readonly answerBytes: number;
}

/** Who asked for what: the part of a request's row that is known when it is accepted. */
export interface RequestOpening {
  readonly requestId: string;
  readonly receivedAtMs: number;
  readonly project: string;
  readonly keyId: string;
  readonly operation: string;
  readonly dialect: string;
  readonly requestedModel: string;
  readonly stream: boolean;
  readonly endUser?: string;
  /** The browser token that was used, if one was. */
  readonly tokenId?: string;
  /** What the key is marked with; absent where it has no tags. */
  readonly tags?: { readonly [name: string]: string };
}

/** How a request ended, all its attempts together. */
export interface RequestClosing {
  readonly requestId: string;
  readonly outcome: Outcome;
  /** The status that the client was given. */
  readonly status: number;
  readonly errorCode?: string;
  readonly attempts: number;
  readonly firstTokenMs?: number;
  readonly totalMs: number;
  /** What was carried out otherwise than it was asked. */
  readonly warnings?: readonly string[];
  /** The alias of the route that was taken. Absent where a target was named. */
  readonly route?: string;
  /** The way that was taken, where the route divides its calls. */
  readonly arm?: string;
  /** Which targets were tried and why. Absent where there was nothing to choose. */
  readonly routing?: RoutingRecord;
  /** The request whose kept answer was given, where no call was made because it had been made before. */
  readonly replayOf?: string;
}
