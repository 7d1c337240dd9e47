import type { Receipt } from "../../model/dialect.ts";
import type { Block, Choice, InferenceResponse } from "../../model/inference-response.ts";
import { encodeToolCall } from "./blocks/tool-call.ts";
import { finishReasonToWire } from "./finish-reason.ts";
import { usageToWire } from "./usage.ts";
import type { WireAnswerMessage, WireCompletion, WireToolCall } from "./wire.ts";

/** A whole answer as a chat completion (https://platform.openai.com/docs/api-reference/chat/object). */
export function encodeResponse(response: InferenceResponse, receipt: Receipt): string {
  const completion: WireCompletion = {
    id: response.id ?? `chatcmpl-${receipt.requestId}`,
    object: "chat.completion",
    created: response.createdAtS ?? Math.floor(Date.now() / 1000),
    model: response.model ?? receipt.model,
    choices: response.choices.map((choice, index) => ({
      index,
      message: encodeMessage(choice),
      logprobs: null,
      finish_reason: finishReasonToWire(choice.finishReason),
    })),
    usage: usageToWire(response.usage ?? receipt.usage),
  };
  return JSON.stringify(completion);
}

function encodeMessage({ blocks }: Choice): WireAnswerMessage {
  const reasoning = textOf(blocks, "reasoning");
  const calls = blocks.flatMap((block): readonly WireToolCall[] =>
    block.kind === "tool-call" ? [encodeToolCall(block.id, block.name, block.text)] : [],
  );
  return {
    role: "assistant",
    content: textOf(blocks, "text") ?? (blocks.length === 0 ? "" : null),
    refusal: textOf(blocks, "refusal") ?? null,
    ...(reasoning !== undefined && { reasoning_content: reasoning }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

/** The text of all blocks of that kind; undefined where there is none. */
function textOf(blocks: readonly Block[], kind: Block["kind"]): string | undefined {
  const texts = blocks.filter((block) => block.kind === kind).map((block) => block.text);
  return texts.length === 0 ? undefined : texts.join("");
}
