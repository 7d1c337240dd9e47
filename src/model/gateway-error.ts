import type { ErrorClass } from "./error-class.ts";
import { ERRORS, type ErrorCode, type ErrorSource } from "./error-table.ts";

/** The provider's own error answer, kept so that a client of the same dialect can be given its very bytes. */
export interface UpstreamAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** What makes one error of a code differ from another. */
export interface ErrorDetails {
  /** What happened here, in place of the table's sentence. Safe to send to the client: never a secret. */
  readonly message?: string;
  /** How to mend this very case, in place of the table's. */
  readonly mend?: string;
  /** The request field at fault, as a path: `messages[2].content`. */
  readonly field?: string;
  readonly retryAfterMs?: number;
  /** In place of the table's: an upstream's refusal keeps the provider's own 4xx. */
  readonly status?: number;
  readonly errorClass?: ErrorClass;
  readonly upstream?: UpstreamAnswer;
  /** What lay beneath; logged, never sent. */
  readonly cause?: unknown;
}

/** The one error model: a code of the table, with what is particular to this case. Encoded once, at the edge. */
export class GatewayError extends Error {
  override readonly name = "GatewayError";
  readonly code: ErrorCode;
  readonly status: number;
  readonly mend: string;
  readonly retryable: boolean;
  readonly source: ErrorSource;
  readonly field: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly errorClass: ErrorClass | undefined;
  readonly upstream: UpstreamAnswer | undefined;
  /** Headers that go with the answer, set by the call that failed: how its caller's limits stand. */
  replyHeaders: { readonly [name: string]: string } | undefined;
  /** True once the call that failed has been settled, and with that counted and logged: nobody must do so again. */
  isTold = false;

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    const entry = ERRORS[code];
    super(
      details.message ?? entry.sentence,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.code = code;
    this.status = details.status ?? entry.status;
    this.mend = details.mend ?? entry.mend;
    this.retryable = entry.retryable;
    this.source = entry.source;
    this.field = details.field;
    this.retryAfterMs = details.retryAfterMs;
    this.errorClass = details.errorClass;
    this.upstream = details.upstream;
  }
}

/** Any thrown value as a GatewayError: what was not foreseen becomes `internal`, with its cause kept for the log. */
export function asGatewayError(thrown: unknown): GatewayError {
  return thrown instanceof GatewayError ? thrown : new GatewayError("internal", { cause: thrown });
}
