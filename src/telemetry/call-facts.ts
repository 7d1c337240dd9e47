import type { Outcome } from "../model/attempt.ts";
import type { ErrorClass } from "../model/error-class.ts";
import type { NanoDollars } from "../model/money.ts";
import type { Usage } from "../model/usage.ts";

/** One finished attempt, as metrics count it. */
export interface AttemptFacts {
  readonly provider: string;
  readonly model: string;
  readonly outcome: Outcome;
  readonly errorClass?: ErrorClass;
  readonly usage: Usage;
  readonly cost?: NanoDollars;
  readonly firstTokenMs?: number;
  readonly totalMs: number;
}

/** One finished call, as the request log tells it. */
export interface CallFacts {
  readonly requestId: string;
  readonly project: string;
  readonly keyId: string;
  readonly dialect: string;
  readonly operation: string;
  readonly requestedModel: string;
  readonly stream: boolean;
  readonly outcome: Outcome;
  readonly status: number;
  readonly attempts: number;
  readonly totalMs: number;
  readonly firstTokenMs?: number;
  readonly target?: string;
  readonly usage?: Usage;
  readonly cost?: NanoDollars;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly cause?: unknown;
  /** Only for projects that ask for it. */
  readonly content?: { readonly request: string; readonly answer: string };
}
