import type { Receipt } from "../../model/dialect.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import type { Block, Choice, InferenceResponse } from "../../model/inference-response.ts";
import type { JsonObject } from "../../model/json.ts";
import { encodeAnnotation } from "./blocks/citation.ts";
import { encodeImages } from "./blocks/image.ts";
import { encodeReasoningDetail } from "./blocks/reasoning-details.ts";
import { encodeTokenProbabilities } from "./blocks/token-probabilities.ts";
import { encodeToolCall } from "./blocks/tool-call.ts";
import { finishReasonToWire } from "./finish-reason.ts";
import { encodeServiceTier } from "./service-tier.ts";
import { usageToWire } from "./usage.ts";
import type { WireAnswerMessage, WireCompletion, WireLogProbabilities, WireToolCall } from "./wire.ts";

/** A whole answer as a chat completion (https://platform.openai.com/docs/api-reference/chat/object). */
export function encodeResponse(
  response: InferenceResponse,
  _request: InferenceRequest<"chat">,
  receipt: Receipt,
): string {
  const completion: WireCompletion = {
    id: response.id ?? `chatcmpl-${receipt.requestId}`,
    object: "chat.completion",
    created: response.createdAtS ?? Math.floor(Date.now() / 1000),
    model: response.model ?? receipt.model,
    choices: response.choices.map((choice, index) => ({
      index,
      message: encodeMessage(choice),
      logprobs: encodeLogProbabilities(choice),
      finish_reason: finishReasonToWire(choice.finishReason),
    })),
    ...encodeServiceTier(response.serviceTier),
    usage: usageToWire(response.usage ?? receipt.usage),
  };
  return JSON.stringify(completion);
}

function encodeMessage({ blocks }: Choice): WireAnswerMessage {
  const reasoning = textOf(blocks, "reasoning");
  const details = blocks.filter((block) => block.kind === "reasoning").flatMap(detailOf);
  const annotations = annotationsOf(blocks);
  const images = blocks.flatMap((block) => (block.kind === "image" ? [block.source] : []));
  const calls = blocks.flatMap(callOf);
  return {
    role: "assistant",
    content: textOf(blocks, "text") ?? (blocks.length === 0 ? "" : null),
    refusal: textOf(blocks, "refusal") ?? null,
    ...(reasoning !== undefined && reasoning !== "" && { reasoning_content: reasoning }),
    ...(details.length > 0 && { reasoning_details: details }),
    ...(annotations.length > 0 && { annotations }),
    ...(images.length > 0 && { images: encodeImages(images) }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

/** The text of all blocks of that kind; undefined where there is none. */
function textOf(blocks: readonly Block[], kind: Block["kind"]): string | undefined {
  const texts = blocks.filter((block) => block.kind === kind).map((block) => block.text);
  return texts.length === 0 ? undefined : texts.join("");
}

function detailOf({ text, signature }: Block, index: number): readonly JsonObject[] {
  return signature === undefined ? [] : [encodeReasoningDetail(text, signature, index)];
}

function callOf(block: Block): readonly WireToolCall[] {
  return block.kind === "tool-call" ? [encodeToolCall({ ...block, arguments: block.text })] : [];
}

/** Text blocks become one content, so the places in a later one move by the length of those before. */
function annotationsOf(blocks: readonly Block[]): readonly JsonObject[] {
  let offset = 0;
  const annotations: JsonObject[] = [];
  for (const { kind, text, citations = [] } of blocks) {
    if (kind !== "text") continue;
    for (const citation of citations) {
      const start = offset + (citation.start ?? 0);
      const end = offset + (citation.end ?? text.length);
      const annotation = encodeAnnotation({ ...citation, start, end });
      if (annotation !== undefined) annotations.push(annotation);
    }
    offset += text.length;
  }
  return annotations;
}

function encodeLogProbabilities({ blocks }: Choice): WireLogProbabilities | null {
  const tokensOf = (kind: Block["kind"]) =>
    blocks.filter((block) => block.kind === kind).flatMap((block) => block.tokenProbabilities ?? []);
  const content = tokensOf("text");
  const refusal = tokensOf("refusal");
  if (content.length === 0 && refusal.length === 0) return null;
  return {
    content: content.length === 0 ? null : encodeTokenProbabilities(content),
    refusal: refusal.length === 0 ? null : encodeTokenProbabilities(refusal),
  };
}
