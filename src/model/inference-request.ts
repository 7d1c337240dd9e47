import type { DialectId } from "./dialect-id.ts";
import type { JsonObject } from "./json.ts";
import type { ContentOf, Operation } from "./operation.ts";

/** A stretch of the original bytes: `[start, end)`. */
export interface ByteSpan {
  readonly start: number;
  readonly end: number;
}

/** The request as the client sent it, kept so that a provider of the same dialect receives these very bytes. */
export interface OriginalRequest {
  readonly bytes: Uint8Array;
  /** Where the value of a top-level member stands. */
  spanOf(name: string): ByteSpan | undefined;
  /** Where the model's name stands (quotes included), so that another can be spliced in. Absent: it is in the path. */
  readonly modelSpan?: ByteSpan;
  /**
   * True where the dialect's own vendor would refuse the bytes, another's proof standing in them: the request is said
   * again, and they are kept for what the answers repeat.
   */
  readonly isForeign?: boolean;
  /** The parsed body, where the dialect's answers repeat what was asked. */
  readonly body?: JsonObject;
  /** For a body that names the model in other places, or in another form than the path: the body for another model. */
  renamed?(model: string): Uint8Array;
}

/**
 * The canonical request. The facts that routing, policy and the ledger need are read at once; the content itself is
 * decoded on first use, because a pass-through never needs it.
 */
export interface InferenceRequest<O extends Operation = Operation> {
  readonly operation: O;
  readonly dialect: DialectId;
  /** As the client named it: `provider/model`, a route's alias, or a bare name. */
  readonly model: string;
  readonly stream: boolean;
  /** True for one input alone, where the dialect has an action of its own for that, with an answer of its own form. */
  readonly isSingle?: boolean;
  readonly maxOutputTokens?: number;
  /** How many answers are asked for at once; absent means one. */
  readonly choices?: number;
  /** The caller's own end user, as named in the request. */
  readonly endUser?: string;
  /** The id of a response that a provider stores, and that this request goes on from. */
  readonly previousResponse?: string;
  /** Absent where the client's dialect is never spoken upstream. */
  readonly original?: OriginalRequest;
  readonly bodyBytes: number;
  content(): ContentOf<O>;
}
