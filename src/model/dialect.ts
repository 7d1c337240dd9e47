import type { DialectId } from "./dialect-id.ts";
import type { ErrorClass } from "./error-class.ts";
import type { GatewayError } from "./gateway-error.ts";
import type { InferenceRequest, OriginalRequest } from "./inference-request.ts";
import type { LimitState } from "./limit-state.ts";
import type { Feature, Loss } from "./loss.ts";
import type { NanoDollars } from "./money.ts";
import type { AnswerOf, Operation } from "./operation.ts";
import type { Quirks } from "./quirks.ts";
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

/** A request as it came: its body, what the path said, and its query. */
export interface RequestSource {
  readonly bytes: Uint8Array;
  /** What stands behind the route's fixed part: Gemini's `model:action`. Empty where the path is fixed. */
  readonly pathRest: string;
  query(): URLSearchParams;
}

/** How clients speak a dialect to us. */
export interface InboundFace {
  readonly operations: { readonly [O in Operation]?: InboundOperation<O> };
  /**
   * For a dialect whose paths end with what is asked: the operation, by what stands behind the route's fixed part.
   * Throws `not_found` where that is none.
   */
  operationAt?(pathRest: string): Operation;
  encodeError(error: GatewayError, requestId: string): EncodedError;
  /** An error that happens once the stream has begun: the bytes that end it honestly, never a success. */
  encodeStreamError(error: GatewayError, requestId: string): string;
  /** Headers of a request that a provider of this same dialect is sent, lower case. */
  readonly forwardedHeaders: readonly string[];
  /** The header in which its clients look for the request's id, beside `x-request-id`. */
  readonly requestIdHeader?: string;
  /** Names in a request's query that a provider of this same dialect is sent. */
  readonly forwardedQuery: readonly string[];
  /** How a caller's rate limits stand, in the headers that this dialect's clients read. */
  encodeLimits?(states: readonly LimitState[], nowMs: number): { readonly [name: string]: string };
  /** The client's own words for what a request can say; a feature without one can't be asked for in this dialect. */
  readonly fields: { readonly [F in Feature]?: string };
}

/** One operation as clients ask for it. */
export interface InboundOperation<O extends Operation> {
  /** Reads a request. Throws `invalid_json`, `json_too_complex`, or `invalid_request` naming the field. */
  decodeRequest(source: RequestSource): InferenceRequest<O>;
  /** A whole answer as the body to send. */
  encodeResponse(answer: AnswerOf<O>, request: InferenceRequest<O>, receipt: Receipt): string;
  /** A translator for one stream; it holds the stream's state. Absent where the operation has no streams. */
  openStreamEncoder?(request: InferenceRequest<O>): StreamEncoder;
  /**
   * True where a stream that passed through from its provider can be gone on with by an encoder that was told the same
   * beginning: no part of it has a name that only the provider's bytes say.
   */
  readonly isResumable?: boolean;
  /** How this request's stream is put before its client; as server-sent events where absent. */
  openClientFraming?(query: URLSearchParams): ClientFraming | undefined;
}

/** Puts a stream before a client that takes no server-sent events. One for each stream; it holds the stream's state. */
export interface ClientFraming {
  readonly contentType: string;
  /** Whole server-sent events, comments included, as this client's bytes; payloads stay as they are. Never empty. */
  frame(events: Uint8Array): Uint8Array;
  /** The bytes that end a stream which ended well: behind a failure they are never sent. */
  close(): Uint8Array;
}

/** Writes canonical events as a client's dialect, in order. */
export interface StreamEncoder {
  /** The bytes for one event; empty where the dialect says nothing then. */
  encode(event: StreamEvent): string;
  /** The bytes that close a stream which ended well. */
  close(receipt: Receipt): string;
  /** The bytes that end a stream which failed, where they depend on what came before; else `encodeStreamError`'s. */
  fail?(error: GatewayError, requestId: string): string;
}

/** How a provider's list of models is had: by GET. */
export interface ModelList {
  /** Below the provider's base URL. */
  readonly path: string;
  /** The names in an answer; undefined where it is no list of models. */
  names(body: unknown): readonly string[] | undefined;
}

/** How we speak a dialect to providers. */
export interface UpstreamFace {
  readonly operations: { readonly [O in Operation]?: UpstreamOperation<O> };
  /** What a provider's refusal means. `body` is parsed JSON, or undefined where it is not JSON. */
  decodeError(status: number, body: unknown): DecodedError;
  /** Absent where providers of this dialect list none. */
  readonly modelList?: ModelList;
  /** How a stream is cut into events; server-sent events where absent. */
  openFraming?(): StreamFraming;
}

/** One operation as providers offer it. */
export interface UpstreamOperation<O extends Operation> {
  readonly paths: OperationPaths;
  /**
   * The request for a provider. Absent where the dialect is only spoken upstream for clients who speak it themselves.
   * Throws `cannot_translate` for what can't be left out without making another request of it.
   */
  encodeRequest?(request: InferenceRequest<O>, target: EncodeTarget): EncodedRequest;
  /**
   * The members that bound the output in a request of this dialect: all of them that it has, else the one to add.
   * Absent where the operation has no such bound.
   */
  outputBounds?(original: OriginalRequest, quirks: Quirks): readonly NumberPath[];
  /** A whole answer. Throws `upstream_invalid_answer` on what is none, or the failure that it tells. */
  decodeResponse(body: unknown, form: AnswerForm): AnswerOf<O>;
  /** A decoder for one stream. Absent where the operation has no streams. */
  openStreamDecoder?(form: AnswerForm): StreamDecoder;
  /** Facts about a whole answer that passes through. Throws `upstream_invalid_answer` on what is not an answer. */
  scanResponse(body: unknown): AnswerFacts;
  /** A scanner for one stream that passes through. */
  openStreamScanner?(): StreamScanner;
}

/** Paths below a provider's base URL; `{model}` stands for the model's name, escaped for a path. */
export interface OperationPaths {
  readonly whole: string;
  /** Where streams have a path of their own. */
  readonly stream?: string;
  /** Where a request with one input alone has a path of its own. */
  readonly single?: string;
}

/** For whom a request is written. */
export interface EncodeTarget {
  /** The provider's own name of the model. */
  readonly model: string;
  readonly quirks: Quirks;
}

/** A request in a provider's words. */
export interface EncodedRequest {
  readonly body: string;
  /** What the client asked for and this request doesn't say as it was asked. */
  readonly losses: readonly Loss[];
  /** What the answer must be read with. */
  readonly form: AnswerForm;
  /** Headers that this very request needs. */
  readonly headers?: { readonly [name: string]: string };
}

/** A member of a body, or of an object that is one. */
export type NumberPath = readonly [outer: string, inner?: string];

/** How a request was put, as far as its answer depends on it. */
export interface AnswerForm {
  /** The tool that was made of a response format: its arguments are the answer's text. */
  readonly jsonTool?: string;
  /** Free-form tools that were told as functions: their calls are free-form again for the client. */
  readonly freeFormTools?: readonly string[];
}

/** The form of an answer to a request that was put as it came. */
export const PLAIN_FORM: AnswerForm = Object.freeze({});

/** A provider's refusal in our words. `message` is the provider's own, if it gave one. */
export interface DecodedError {
  readonly errorClass: ErrorClass;
  readonly message?: string;
  /** How long to wait, where the body tells. */
  readonly retryAfterMs?: number;
  /** The vendor's own words for the kind of error, most precise first: a provider may know better what they mean. */
  readonly codes?: readonly string[];
}

/** One event of a provider's stream: its name, if it has one, and its data. */
export interface ServerSentEvent {
  readonly event?: string;
  readonly data: string;
}

/** Cuts a provider's bytes into events, whatever way the network split them. Bounded: throws RangeError beyond. */
export interface StreamFraming {
  /** Gives each event that `chunk` completes. */
  push(chunk: Uint8Array, take: (event: ServerSentEvent) => void): void;
  /** The provider closed the stream: gives a last event where only its end mark is missing. */
  end(take: (event: ServerSentEvent) => void): void;
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
  /** The tier that served the call, in the provider's word: its price may depend on it. */
  readonly serviceTier?: string;
  /** The answer's id, where the provider stores the answer for a request that goes on from it. */
  readonly storedId?: string;
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
  /** The provider says that it failed, and says so again in its closing event: until that, or the end, it goes on. */
  | "failing"
  /** The provider says that the stream is complete. */
  | "terminal";

/** Reads usage and finish from the bytes of a passing stream; allocates nothing per token. */
export interface StreamScanner {
  /** Looks at one whole server-sent event: `bytes[start, end)`, its closing blank line included. */
  scan(bytes: Uint8Array, start: number, end: number): EventKind;
  /** The provider's error, after `scan` said `error` or `failing`. */
  failure(): DecodedError;
  facts(): AnswerFacts;
  /** Tokens of output so far, rather too many than too few; free to ask. */
  outputTokensHigh(): number;
  /** The bytes that end the passing stream here, as one that came to its bound on the output. */
  cutShort(): string;
}
