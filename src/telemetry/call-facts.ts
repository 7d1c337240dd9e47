import type { AttemptClosing, RequestClosing, RequestOpening } from "../model/attempt.ts";
import type { Receipt } from "../model/dialect.ts";
import type { GatewayError } from "../model/gateway-error.ts";

/** One finished attempt, as metrics count it. */
export type AttemptFacts = Pick<
  AttemptClosing,
  "outcome" | "errorClass" | "usage" | "cost" | "firstTokenMs" | "totalMs"
>;

/** One finished call, as the request log tells it: the very records that the ledger has, so that none is made anew. */
export interface CallFacts {
  readonly request: RequestOpening;
  readonly closing: RequestClosing;
  /** Absent where no attempt was made. */
  readonly receipt: Receipt | undefined;
  readonly failure: GatewayError | undefined;
  /** Only for projects that ask for it. */
  readonly content: { readonly request: string; readonly answer: string } | undefined;
}
