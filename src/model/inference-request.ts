import type { Conversation } from "./conversation.ts";
import type { DialectId } from "./dialect-id.ts";

/** What a call is for. */
export type Operation = "chat" | "embedding" | "image" | "speech" | "transcription" | "rerank" | "moderation";

/** A member's value inside the original bytes: `[start, end)`. */
export interface ByteSpan {
  readonly start: number;
  readonly end: number;
}

/** The request as the client sent it, kept so that a provider of the same dialect receives these very bytes. */
export interface OriginalRequest {
  readonly bytes: Uint8Array;
  /** Where the model's name stands (quotes included), so that another can be spliced in. */
  readonly modelSpan: ByteSpan;
}

/**
 * The canonical request. The facts that routing, policy and the ledger need are read at once; the conversation itself
 * is decoded on first use, because a pass-through never needs it.
 */
export interface InferenceRequest {
  readonly operation: Operation;
  readonly dialect: DialectId;
  /** As the client named it: `provider/model`, a route's alias, or a bare name. */
  readonly model: string;
  readonly stream: boolean;
  readonly maxOutputTokens?: number;
  /** The caller's own end user, as named in the request. */
  readonly endUser?: string;
  /** Absent where the client's dialect is never spoken upstream. */
  readonly original?: OriginalRequest;
  readonly bodyBytes: number;
  conversation(): Conversation;
}
