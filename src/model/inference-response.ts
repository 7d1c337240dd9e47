import type { GatewayError } from "./gateway-error.ts";
import type { BlockStart, FinishReason, StreamEvent } from "./stream-event.ts";
import type { Usage } from "./usage.ts";

/** A finished block: what opened it, and all its text (for a tool call, its arguments' JSON). */
export type Block = BlockStart & { readonly text: string };

/** One of the answers asked for. */
export interface Choice {
  readonly blocks: readonly Block[];
  readonly finishReason?: FinishReason;
  readonly rawFinishReason?: string;
}

/** The canonical answer; what a stream folds to. */
export interface InferenceResponse {
  readonly id?: string;
  readonly model?: string;
  readonly createdAtS?: number;
  readonly choices: readonly Choice[];
  readonly usage?: Usage;
  readonly error?: GatewayError;
}

interface OpenChoice {
  blocks: { start: BlockStart; text: string }[];
  finishReason?: FinishReason;
  rawFinishReason?: string;
}

/** Folds the events of one answer, streamed or whole, into the answer itself. The last usage wins. */
export function fold(events: Iterable<StreamEvent>): InferenceResponse {
  const head: { id?: string; model?: string; createdAtS?: number; usage?: Usage; error?: GatewayError } = {};
  const choices: OpenChoice[] = [];
  const choiceAt = (index: number): OpenChoice => {
    const existing = choices[index];
    if (existing !== undefined) return existing;
    const opened: OpenChoice = { blocks: [] };
    choices[index] = opened;
    return opened;
  };
  for (const event of events) {
    switch (event.type) {
      case "start":
        if (event.id !== undefined) head.id ??= event.id;
        if (event.model !== undefined) head.model ??= event.model;
        if (event.createdAtS !== undefined) head.createdAtS ??= event.createdAtS;
        break;
      case "block-start":
        choiceAt(event.choice).blocks[event.index] = { start: event.block, text: "" };
        break;
      case "block-delta": {
        const block = choiceAt(event.choice).blocks[event.index];
        if (block !== undefined) block.text += event.text;
        break;
      }
      case "usage":
        head.usage = event.usage;
        break;
      case "finish": {
        const choice = choiceAt(event.choice);
        choice.finishReason = event.reason;
        choice.rawFinishReason = event.rawReason;
        break;
      }
      case "error":
        head.error ??= event.error;
        break;
      case "block-end":
      case "unknown":
        break;
    }
  }
  return { ...head, choices: Array.from(choices, closeChoice) };
}

/** A choice that no event opened (a provider skipped a number) is an empty one. */
function closeChoice(choice: OpenChoice | undefined): Choice {
  if (choice === undefined) return { blocks: [] };
  const { blocks, ...finish } = choice;
  return {
    ...finish,
    blocks: blocks.filter((b) => b !== undefined).map((b) => ({ ...b.start, text: b.text })),
  };
}
