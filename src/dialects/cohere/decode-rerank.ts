import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { RankedDocument, RerankAnswer } from "../../model/rerank.ts";
import { notAnAnswer } from "../failure/not-an-answer.ts";
import { numberMember, textMember } from "../json/members.ts";
import { readUsage } from "./usage.ts";

/** A ranking (https://docs.cohere.com/v2/reference/rerank). Throws where there is none. */
export function decodeRerank(body: unknown): RerankAnswer {
  const results = isJsonObject(body) ? body["results"] : undefined;
  if (!isJsonObject(body) || !Array.isArray(results))
    throw notAnAnswer("The provider answered with something that is no ranking (it has no `results`).");
  const id = textMember(body, "id");
  const usage = readUsage(body["meta"]);
  return {
    ...(id !== undefined && { id }),
    documents: results.filter(isJsonObject).flatMap(readRanked),
    ...(usage && { usage }),
  };
}

function readRanked(result: JsonObject): readonly RankedDocument[] {
  const index = numberMember(result, "index");
  const score = numberMember(result, "relevance_score");
  return index === undefined || score === undefined ? [] : [{ index, score }];
}
