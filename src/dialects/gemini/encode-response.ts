import type { Receipt } from "../../model/dialect.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import type { Choice, InferenceResponse } from "../../model/inference-response.ts";
import { type CitedSource, encodeGrounding } from "./blocks/citation.ts";
import { encodeTokenProbabilities } from "./blocks/token-probabilities.ts";
import { citedSources, encodeBlock, isSaid } from "./encode-blocks.ts";
import { finishReasonToWire } from "./finish-reason.ts";
import { type JsonText, listText, objectText, valueText } from "./json-text.ts";
import { tierOfAnswer } from "./service-tier.ts";
import { usageToWire } from "./usage.ts";

/** A whole answer of generateContent (https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse). */
export function encodeResponse(
  response: InferenceResponse,
  _request: InferenceRequest<"chat">,
  receipt: Receipt,
): string {
  return objectText({
    candidates: listText(response.choices.map(encodeCandidate)),
    usageMetadata: JSON.stringify(
      usageToWire(response.usage ?? receipt.usage, tierOfAnswer(response.serviceTier)),
    ),
    modelVersion: JSON.stringify(response.model ?? receipt.model),
    responseId: JSON.stringify(response.id ?? receipt.requestId),
  });
}

function encodeCandidate(choice: Choice, index: number): JsonText {
  const tokens = choice.blocks.flatMap(({ tokenProbabilities = [] }) => tokenProbabilities);
  return objectText({
    content: contentText(choice.blocks.flatMap((block) => encodeBlock(block) ?? [])),
    finishReason: JSON.stringify(finishReasonToWire(choice.finishReason)),
    index: String(index),
    groundingMetadata: valueText(groundingOf(choice)),
    logprobsResult: tokens.length === 0 ? undefined : JSON.stringify(encodeTokenProbabilities(tokens)),
  });
}

/** A candidate's content, of parts that are JSON already. */
export function contentText(parts: readonly JsonText[]): JsonText {
  return objectText({ parts: listText(parts), role: '"model"' });
}

function groundingOf({ blocks }: Choice): ReturnType<typeof encodeGrounding> {
  let said = "";
  const sources: CitedSource[] = [];
  for (const block of blocks) {
    if (!isSaid(block)) continue;
    sources.push(...citedSources(block.citations ?? [], said.length, block.text.length));
    said += block.text;
  }
  return encodeGrounding(sources, said);
}
