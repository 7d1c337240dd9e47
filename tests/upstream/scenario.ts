/**
 * What a test may ask of the replay server: one Scenario says how one kind of call is answered.
 * Everything here travels as JSON over the control port, so it holds plain data only.
 */

/** How a call is answered. Every field may be left out; `{}` answers 200 with the default recording. */
export interface Scenario {
  /** What is sent. Default: the project's own chat sample, whole or streamed as the request asks. */
  readonly body?: Body;
  /** Where the body is cut into packets. Default `per-event`. */
  readonly split?: Split;
  /** Milliseconds between two pieces. 0, the default, still writes each piece in its own packet. */
  readonly paceMs?: number;
  readonly delayBeforeHeadersMs?: number;
  readonly delayBeforeBodyMs?: number;
  /** Default 200, or 302 for a redirect. */
  readonly status?: number;
  /** Added to the response; a `content-type` here replaces the body's own. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default `{ kind: 'none' }`. */
  readonly fault?: Fault;
  /** `close` says so in the headers and closes after the answer. Default `keep-alive`. */
  readonly connection?: "keep-alive" | "close";
}

export type Body =
  /** One whole answer: `<folder>/<recording>.json`, sent with a content-length. */
  | { readonly kind: "recording"; readonly recording: string }
  /** One stream: `<folder>/<recording>.chunks.txt`, one event a line, sent as server-sent events. */
  | ({ readonly kind: "stream-recording"; readonly recording: string } & StreamOptions)
  /** `stream-recording` where the request's body has `"stream": true`, otherwise `recording`. */
  | ({ readonly kind: "as-asked"; readonly recording: string } & StreamOptions)
  /** Text as it stands. Chunked if the content type is text/event-stream, else with a content-length. */
  | { readonly kind: "text"; readonly text: string; readonly contentType?: string }
  /** Like `text`, for bytes that are no UTF-8 text. Default content type application/octet-stream. */
  | { readonly kind: "bytes"; readonly base64: string; readonly contentType?: string }
  /** Payloads of server-sent events, in order. */
  | ({ readonly kind: "events"; readonly events: readonly string[] } & StreamOptions)
  /**
   * A chat stream of any size, made while it is sent and never held in memory. Each event is exactly
   * `bytesPerEvent` long on the wire (at least 400); the last carries finish_reason and usage. It is written
   * as fast as the client reads, so packets may merge; the splits `whole` and `at` are refused.
   */
  | ({ readonly kind: "generated"; readonly events: number; readonly bytesPerEvent: number } & StreamOptions);

export type BodyKind = Body["kind"];

/** How payloads become server-sent events. What is left out is read off the first payload. */
export interface StreamOptions {
  /**
   * `event-and-data` writes `event: <type>` first. Default: that, if the first payload has a `type` field.
   * `amazon-event-stream` writes each payload, `{"<event's name>": {...}}`, as a message of AWS's binary framing.
   */
  readonly framing?: "data" | "event-and-data" | "amazon-event-stream";
  /** Close with `data: [DONE]`. Default: yes for OpenAI's chat and completion chunks, no for all others. */
  readonly terminal?: boolean;
  /** How lines end. Default `lf`. */
  readonly newline?: Newline;
}

export type Newline = "lf" | "crlf" | "cr";

/**
 * Where the body is cut. Each piece is one write, one packet, and in a chunked body one HTTP chunk.
 * - `per-event`: one event a piece (a whole answer is one piece)
 * - `two-per-packet`: two events a piece
 * - `every-byte`: one byte a piece
 * - `inside-utf8`: at event ends, and inside every multi-byte character, at each of its inner borders in turn
 * - `whole`: all in one piece, together with the headers if nothing delays it
 * - `at`: at these offsets of the body
 */
export type Split =
  | "per-event"
  | "two-per-packet"
  | "every-byte"
  | "inside-utf8"
  | "whole"
  | { readonly at: readonly number[] };

/**
 * What goes wrong. "Events" leave out the closing `[DONE]`; a whole answer is one event; bytes are bytes of the
 * body, without the chunked encoding. A port that refuses connections is `refusedPort()` in client.ts.
 */
export type Fault =
  | { readonly kind: "none" }
  /** The request is read, and then silence with the connection open. */
  | { readonly kind: "hang-before-headers" }
  | { readonly kind: "hang-after-headers" }
  | { readonly kind: "hang-mid-stream"; readonly afterEvents: number }
  /** Silence in the middle of an event. */
  | { readonly kind: "hang-at-byte"; readonly bytes: number }
  /** TCP reset once the request is read. */
  | { readonly kind: "reset-before-headers" }
  /** Clean TCP close once the request is read, as when a keep-alive connection is dropped in its idle time. */
  | { readonly kind: "close-before-headers" }
  /**
   * TCP reset after so many bytes. A reset that follows on the heels of data makes most clients drop that data
   * unread, so it comes `afterMs` later (default 25).
   */
  | { readonly kind: "reset-at-byte"; readonly bytes: number; readonly afterMs?: number }
  /** Clean TCP close after so many bytes: no last chunk, or less than the content-length. */
  | { readonly kind: "end-early"; readonly bytes: number }
  /** A clean end of the HTTP body, though the rest of the events and `[DONE]` never came. */
  | { readonly kind: "truncate"; readonly afterEvents: number }
  /** 200, and the first event is an error. Nothing follows. */
  | { readonly kind: "error-first"; readonly payload?: string }
  | { readonly kind: "error-mid-stream"; readonly afterEvents: number; readonly payload?: string }
  /** 200, text/event-stream, zero bytes. */
  | { readonly kind: "empty-stream" }
  /** Random bytes under the body's own content type, the same for the same seed. Default 2,000 bytes, seed 1. */
  | { readonly kind: "garbage"; readonly bytes?: number; readonly seed?: number }
  | { readonly kind: "redirect"; readonly location: string };

/** The one scenario a fresh server knows, under this name; it answers calls that no other name fits. */
export const DEFAULT_SCENARIO_NAME = "default";

export const DEFAULT_BODY: Body = { kind: "as-asked", recording: "openai/openai-chat-text" };
