import type { GatewayError } from "./gateway-error.ts";
import type { Usage } from "./usage.ts";

/** Why an answer ended; the vendor's own word travels beside it. */
export type FinishReason = "stop" | "length" | "tool-calls" | "content-filter" | "other";

/** What opens a block of an answer. */
export type BlockStart =
  | { readonly kind: "text" }
  | { readonly kind: "reasoning" }
  | { readonly kind: "refusal" }
  | { readonly kind: "tool-call"; readonly id: string; readonly name: string };

/**
 * One canonical event of an answer. A whole answer is the same events at once, so that nothing is mapped twice.
 * `choice` is 0 but where the client asked for several answers; `index` numbers the blocks of a choice.
 */
export type StreamEvent =
  | { readonly type: "start"; readonly id?: string; readonly model?: string; readonly createdAtS?: number }
  | {
      readonly type: "block-start";
      readonly choice: number;
      readonly index: number;
      readonly block: BlockStart;
    }
  /** More text of the block; for a tool call, more of its arguments' JSON. */
  | { readonly type: "block-delta"; readonly choice: number; readonly index: number; readonly text: string }
  | { readonly type: "block-end"; readonly choice: number; readonly index: number }
  | { readonly type: "usage"; readonly usage: Usage }
  | {
      readonly type: "finish";
      readonly choice: number;
      readonly reason: FinishReason;
      readonly rawReason: string;
    }
  | { readonly type: "error"; readonly error: GatewayError }
  /** An event this dialect's decoder doesn't know: passed where the dialect is the same, ignored where not. */
  | { readonly type: "unknown"; readonly raw: unknown };
