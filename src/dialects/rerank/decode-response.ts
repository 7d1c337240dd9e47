import { GatewayError } from "../../model/gateway-error.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { RankedDocument, RerankAnswer } from "../../model/rerank.ts";
import { numberMember, textMember } from "../json/members.ts";
import { readUsage } from "./usage.ts";

/** A ranking: `results`, or Voyage's `data` (https://docs.voyageai.com/reference/reranker-api). Throws where it is none. */
export function decodeResponse(body: unknown): RerankAnswer {
  const { answer, results } = readAnswer(body);
  const id = textMember(answer, "id");
  const model = textMember(answer, "model");
  const usage = readUsage(answer);
  return {
    ...(id !== undefined && { id }),
    ...(model !== undefined && { model }),
    documents: results.filter(isJsonObject).flatMap(readRanked),
    ...(usage && { usage }),
  };
}

/** The answer and its results. Throws where it has none. */
export function readAnswer(body: unknown): {
  readonly answer: JsonObject;
  readonly results: readonly unknown[];
} {
  const results = isJsonObject(body) ? (body["results"] ?? body["data"]) : undefined;
  if (isJsonObject(body) && Array.isArray(results)) return { answer: body, results };
  throw new GatewayError("upstream_invalid_answer", {
    errorClass: "invalid_answer",
    message: "The provider answered with something that is no ranking (it has no `results`).",
  });
}

function readRanked(result: JsonObject): readonly RankedDocument[] {
  const index = numberMember(result, "index");
  const score = numberMember(result, "relevance_score") ?? numberMember(result, "score");
  return index === undefined || score === undefined ? [] : [{ index, score }];
}
