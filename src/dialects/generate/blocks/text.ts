import type { BlockStart } from "../../../model/stream-event.ts";

/** Whether a block is part of `text`: the answer, and a refusal in its place. Reasoning is not shown. */
export function isShown(block: BlockStart): boolean {
  return block.kind === "text" || block.kind === "refusal";
}

/** The event that carries more text. */
export function encodeTextDelta(text: string): string {
  return `event: delta\ndata: ${JSON.stringify({ text })}\n\n`;
}
