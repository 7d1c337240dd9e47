import type { InboundFace } from "../model/dialect.ts";
import type { DialectId } from "../model/dialect-id.ts";
import type { Operation } from "../model/operation.ts";
import type { AnswerKeeping } from "./idempotency/answer-keeping.ts";

/** A request for inference as the server hands it over: its guards passed, its body not yet read. */
export interface IncomingCall {
  readonly requestId: string;
  /** Milliseconds since 1970. */
  readonly receivedAtMs: number;
  readonly headers: Headers;
  readonly dialect: DialectId;
  readonly inbound: InboundFace;
  readonly operation: Operation;
  /** What stands behind the route's fixed part. Empty where the path is fixed. */
  readonly pathRest: string;
  /** The query of the request's address; parsed when asked for. */
  query(): URLSearchParams;
  /** Reads the body within the given bounds. Throws `request_too_large`, `request_timeout`, `client_closed`. */
  readBody(limits: { readonly bodyBytes: number; readonly requestBodyMs: number }): Promise<Uint8Array>;
  /** Where the answer is kept, because the client sent an Idempotency-Key. */
  readonly keeper?: AnswerKeeping;
  /** The request whose kept answer this one is answered with. */
  readonly replayOf?: string;
  /** Aborted when the client leaves. Asked for only when needed, since asking costs. */
  clientSignal(): AbortSignal;
}

/** An answer, before the server adds the headers that every answer has. */
export interface Reply {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string | Uint8Array | ReadableStream<Uint8Array>;
}
