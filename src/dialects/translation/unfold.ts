import type { Block, Choice } from "../../model/inference-response.ts";
import type { StreamEvent } from "../../model/stream-event.ts";

/** The events of a finished choice, as a stream would have brought them: what `fold` undoes. */
export function unfold({
  blocks,
  finishReason,
  rawFinishReason = "",
  stopSequence,
}: Choice): readonly StreamEvent[] {
  const events = blocks.flatMap(unfoldBlock);
  if (finishReason === undefined) return events;
  const sequence = stopSequence !== undefined && { stopSequence };
  return [
    ...events,
    { type: "finish", choice: 0, reason: finishReason, rawReason: rawFinishReason, ...sequence },
  ];
}

function unfoldBlock(block: Block, index: number): readonly StreamEvent[] {
  const { text, signature, citations = [], tokenProbabilities: tokens = [], ...start } = block;
  const place = { choice: 0, index };
  return [
    { type: "block-start", ...place, block: start },
    ...(text === "" ? [] : [{ type: "block-delta", ...place, text } as const]),
    ...(tokens.length === 0 ? [] : [{ type: "token-probabilities", ...place, tokens } as const]),
    ...citations.map((citation) => ({ type: "citation", ...place, citation }) as const),
    ...(signature === undefined ? [] : [{ type: "signature", ...place, signature } as const]),
    { type: "block-end", ...place },
  ];
}
