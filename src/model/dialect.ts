import type { DialectId } from "./dialect-id.ts";
import type { ErrorClass } from "./error-class.ts";
import type { GatewayError } from "./gateway-error.ts";
import type { InferenceRequest, Operation } from "./inference-request.ts";
import type { InferenceResponse } from "./inference-response.ts";
import type { NanoDollars } from "./money.ts";
import type { Quirks } from "./provider.ts";
import type { StreamEvent } from "./stream-event.ts";
import type { Usage } from "./usage.ts";

/** A wire format: the face it shows to clients, the face it shows to providers, or both. Frozen, without state. */
export interface Dialect {
  readonly id: DialectId;
  readonly inbound?: InboundFace;
  readonly upstream?: UpstreamFace;
}

/** What the gateway knows about a call once it is made, for dialects whose answers tell it. */
export interface Receipt {
  readonly requestId: string;
  readonly provider: string;
  readonly model: string;
  readonly attempts: number;
  readonly totalMs: number;
  readonly usage: Usage;
  readonly cost?: NanoDollars;
}

/** An error as the client's dialect says it. */
export interface EncodedError {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Uint8Array;
}

/** How clients speak a dialect to us. */
export interface InboundFace {
  /** Reads a request. Throws `invalid_json`, `json_too_complex`, or `invalid_request` naming the field. */
  decodeRequest(bytes: Uint8Array): InferenceRequest;
  /** A whole answer as the body to send. */
  encodeResponse(response: InferenceResponse, receipt: Receipt): string;
  /** A translator for one stream; it holds the stream's state. */
  openStreamEncoder(request: InferenceRequest): StreamEncoder;
  encodeError(error: GatewayError, requestId: string): EncodedError;
  /** An error that happens once the stream has begun: the bytes that end it honestly, never a success. */
  encodeStreamError(error: GatewayError, requestId: string): string;
}

/** Writes canonical events as a client's dialect, in order. */
export interface StreamEncoder {
  /** The bytes for one event; empty where the dialect says nothing then. */
  encode(event: StreamEvent): string;
  /** The bytes that close a stream which ended well. */
  close(receipt: Receipt): string;
}

/** How we speak a dialect to providers. */
export interface UpstreamFace {
  /** Path below the provider's base URL for each operation that this dialect has. */
  readonly paths: { readonly [O in Operation]?: string };
  /** The request body for a provider, with the provider's own name of the model. */
  encodeRequest(request: InferenceRequest, model: string, quirks: Quirks): string;
  /** A whole answer as canonical events. Throws `upstream_invalid_answer` on what is not an answer. */
  decodeResponse(body: unknown): readonly StreamEvent[];
  /** A decoder for one stream. */
  openStreamDecoder(): StreamDecoder;
  /** What a provider's refusal means. `body` is parsed JSON, or undefined where it is not JSON. */
  decodeError(status: number, body: unknown): DecodedError;
  /** Facts about a whole answer that passes through. Throws `upstream_invalid_answer` on what is not an answer. */
  scanResponse(body: unknown): AnswerFacts;
  /** A scanner for one stream that passes through. */
  openStreamScanner(): StreamScanner;
}

/** A provider's refusal in our words. `message` is the provider's own, if it gave one. */
export interface DecodedError {
  readonly errorClass: ErrorClass;
  readonly message?: string;
}

/** Turns a provider's stream, event by event, into canonical events. The end and a failure are inputs like any other. */
export interface StreamDecoder {
  /** `data` is the payload of one server-sent event, `event` its name if it has one. */
  step(data: string, event: string | undefined): readonly StreamEvent[];
  /** True once the provider has said that its stream is complete, or has failed: `step` gives nothing more. */
  readonly ended: boolean;
  /** The provider closed the stream. Gives an `error` event where it did so too early. */
  end(): readonly StreamEvent[];
}

/** What the ledger needs to know of an answer. */
export interface AnswerFacts {
  /** Absent where the provider reported none. */
  readonly usage?: Usage;
  readonly finishReason?: string;
  /** Bytes of generated text seen so far: what the output is estimated from where no usage is reported. */
  readonly outputBytes: number;
  /** Events that carried generated text. */
  readonly outputEvents: number;
}

/** What a passing event means for the relay. */
export type EventKind =
  /** Nothing to see yet: a role, a ping, an empty delta. */
  | "preamble"
  /** The answer has begun: text, a tool call, a finish. */
  | "content"
  /** The provider says that it failed. */
  | "error"
  /** The provider says that the stream is complete. */
  | "terminal";

/** Reads usage and finish from the bytes of a passing stream; allocates nothing per token. */
export interface StreamScanner {
  /** Looks at one whole server-sent event: `bytes[start, end)`, its closing blank line included. */
  scan(bytes: Uint8Array, start: number, end: number): EventKind;
  /** The provider's error, after `scan` said `error`. */
  failure(): DecodedError;
  facts(): AnswerFacts;
}
