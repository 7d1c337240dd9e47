import type { Receipt } from "../../model/dialect.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import type { Block, Choice, InferenceResponse } from "../../model/inference-response.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { TokenCount } from "../../model/token-count.ts";
import { imageAsText } from "./blocks/image.ts";
import { encodePartSignature } from "./blocks/part-signature.ts";
import { encodeReasoningBlock } from "./blocks/reasoning.ts";
import { encodeTextBlock } from "./blocks/text.ts";
import { encodeToolCallBlock } from "./blocks/tool-call.ts";
import { messageIdFor, stopToWire } from "./message-head.ts";
import { usageToWire } from "./usage.ts";
import type { WireBlock, WireMessage } from "./wire.ts";

/** A whole answer as a message (https://platform.claude.com/docs/en/api/messages). Of several choices, the first. */
export function encodeResponse(
  response: InferenceResponse,
  _request: InferenceRequest<"chat">,
  receipt: Receipt,
): string {
  const choice: Choice = response.choices[0] ?? { blocks: [] };
  const isRefused = choice.blocks.some(({ kind, text }) => kind === "refusal" && text !== "");
  const message: WireMessage = {
    id: response.id ?? messageIdFor(receipt.requestId),
    type: "message",
    role: "assistant",
    model: response.model ?? receipt.model,
    content: choice.blocks.flatMap(encodeBlock),
    ...stopToWire(choice, isRefused),
    diagnostics: null,
    usage: usageToWire(response.usage ?? receipt.usage, response.serviceTier),
  };
  return JSON.stringify(message);
}

/** A count of tokens (https://platform.claude.com/docs/en/api/messages-count-tokens). */
export function encodeTokenCount({ inputTokens }: TokenCount): string {
  return JSON.stringify({ input_tokens: inputTokens });
}

/** Blocks that say nothing are left out, as in a stream. */
function encodeBlock(block: Block): readonly (WireBlock | JsonObject)[] {
  const { text, signature, citations = [] } = block;
  switch (block.kind) {
    case "text": {
      const isSilent = text === "" && citations.length === 0;
      const said = isSilent ? [] : [encodeTextBlock(text, citations)];
      return signature === undefined ? said : [...said, encodePartSignature(signature)];
    }
    case "refusal":
      return text === "" ? [] : [encodeTextBlock(text)];
    case "reasoning":
      return text === "" && signature === undefined ? [] : [encodeReasoningBlock(text, signature)];
    case "tool-call": {
      const call = encodeToolCallBlock(block);
      return signature === undefined ? [call] : [call, encodePartSignature(signature)];
    }
    case "image":
      return [encodeTextBlock(imageAsText(block.source))];
    case "other":
      return block.dialect === "anthropic-messages" && isJsonObject(block.value) ? [block.value] : [];
  }
}
