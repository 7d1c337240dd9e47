import type { EmbeddingAnswer } from "../../model/embedding.ts";
import { isJsonObject } from "../../model/json.ts";
import { notAnAnswer } from "../failure/not-an-answer.ts";
import { readUsage } from "./usage.ts";

/** Embeddings (https://docs.cohere.com/v2/reference/embed). Throws where there are none. */
export function decodeEmbedding(body: unknown): EmbeddingAnswer {
  const embeddings = isJsonObject(body) ? body["embeddings"] : undefined;
  const vectors = isJsonObject(embeddings) ? embeddings["float"] : undefined;
  if (!isJsonObject(body) || !Array.isArray(vectors) || !vectors.every(isVector))
    throw notAnAnswer("The provider answered with something that holds no embeddings.");
  const usage = readUsage(body["meta"]);
  return { vectors, ...(usage && { usage }) };
}

function isVector(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((number) => typeof number === "number");
}
