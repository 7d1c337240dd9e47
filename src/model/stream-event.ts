import type { Citation } from "./citation.ts";
import type { MediaSource } from "./content-part.ts";
import type { DialectId } from "./dialect-id.ts";
import type { GatewayError } from "./gateway-error.ts";
import type { Signature } from "./signature.ts";
import type { TokenProbability } from "./token-probability.ts";
import type { Usage } from "./usage.ts";

/** Why an answer ended; the vendor's own word travels beside it. */
export type FinishReason =
  | "stop"
  /** One of the client's stop sequences came. */
  | "stop-sequence"
  | "length"
  | "tool-calls"
  | "content-filter"
  /** The model itself would not. */
  | "refusal"
  /** The provider stopped in the middle of a long turn; sent back as it is, it goes on. */
  | "pause"
  | "other";

/** What opens a block of an answer. */
export type BlockStart =
  | { readonly kind: "text" }
  | { readonly kind: "reasoning" }
  | { readonly kind: "refusal" }
  | { readonly kind: "tool-call"; readonly id: string; readonly name: string; readonly freeForm?: boolean }
  | { readonly kind: "image"; readonly source: MediaSource }
  /** A block that only its own dialect has a word for, whole (a vendor's own tool and what it gave). */
  | { readonly kind: "other"; readonly dialect: DialectId; readonly value: unknown };

/** Which block of which choice an event belongs to. */
interface OfBlock {
  readonly choice: number;
  readonly index: number;
}

/**
 * One canonical event of an answer. A whole answer is the same events at once, so that nothing is mapped twice.
 * `choice` is 0 but where the client asked for several answers; `index` numbers the blocks of a choice.
 */
export type StreamEvent =
  | StartEvent
  | ({ readonly type: "block-start"; readonly block: BlockStart } & OfBlock)
  /** More text of the block; for a tool call, more of its arguments' JSON (or of its free-form input). */
  | ({ readonly type: "block-delta"; readonly text: string } & OfBlock)
  /** The vendor's proof of the block, at any time while it is open. */
  | ({ readonly type: "signature"; readonly signature: Signature } & OfBlock)
  /** What the block's text rests on, at any time while it is open. */
  | ({ readonly type: "citation"; readonly citation: Citation } & OfBlock)
  | ({ readonly type: "token-probabilities"; readonly tokens: readonly TokenProbability[] } & OfBlock)
  | ({ readonly type: "block-end" } & OfBlock)
  | { readonly type: "usage"; readonly usage: Usage }
  | FinishEvent
  | { readonly type: "error"; readonly error: GatewayError }
  /** An event this dialect's decoder doesn't know: passed where the dialect is the same, ignored where not. */
  | { readonly type: "unknown"; readonly raw: unknown };

/** What is known of an answer before its content; may come again with what was missing. */
export interface StartEvent {
  readonly type: "start";
  readonly id?: string;
  readonly model?: string;
  readonly createdAtS?: number;
  readonly serviceTier?: string;
}

/** Why a choice ended. */
export interface FinishEvent {
  readonly type: "finish";
  readonly choice: number;
  readonly reason: FinishReason;
  readonly rawReason: string;
  /** The stop sequence that came, where the vendor tells. */
  readonly stopSequence?: string;
}
