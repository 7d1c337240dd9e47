import type { Receipt } from "../../model/dialect.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import type { RankedDocument, RerankAnswer } from "../../model/rerank.ts";
import type { WireRanking, WireResult } from "./wire.ts";

/** A ranking as the client asked for it: no more than the best that it wants, with the documents where it wants them. */
export function encodeResponse(
  answer: RerankAnswer,
  request: InferenceRequest<"rerank">,
  receipt: Receipt,
): string {
  const { documents, top = answer.documents.length, returnDocuments } = request.content();
  const usage = answer.usage ?? receipt.usage;
  const shown = returnDocuments ? documents : undefined;
  const ranking: WireRanking = {
    id: answer.id ?? `rerank-${receipt.requestId}`,
    object: "list",
    model: answer.model ?? receipt.model,
    results: answer.documents.slice(0, top).map((ranked) => encodeResult(ranked, shown)),
    usage: { prompt_tokens: usage.inputTokens, total_tokens: usage.inputTokens },
    meta: {
      api_version: { version: "2" },
      billed_units: {
        ...(usage.inputTokens > 0 && { input_tokens: usage.inputTokens }),
        ...(usage.billedToolCalls > 0 && { search_units: usage.billedToolCalls }),
      },
    },
  };
  return JSON.stringify(ranking);
}

function encodeResult(
  { index, score }: RankedDocument,
  documents: readonly string[] | undefined,
): WireResult {
  const text = documents?.[index];
  return { index, relevance_score: score, ...(text !== undefined && { document: { text } }) };
}
