import type { AnswerFacts, Receipt } from "../../model/dialect.ts";
import type { EmbeddingAnswer } from "../../model/embedding.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { notAnAnswer } from "../failure/not-an-answer.ts";
import { listOf, objectOf } from "./members.ts";
import { readUsage } from "./usage.ts";

/** An answer of embedContent or batchEmbedContents. Throws `upstream_invalid_answer` where it is none. */
export function decodeEmbeddings(body: unknown): EmbeddingAnswer {
  if (!isJsonObject(body)) throw noVectors();
  const vectors = embeddingsIn(body).map(valuesOf);
  const usage = readUsage(objectOf(body, "usageMetadata"));
  return { vectors, ...(usage && { usage }) };
}

/** What an answer that passes through tells. Throws as `decodeEmbeddings` does. */
export function scanEmbeddings(body: unknown): AnswerFacts {
  if (!isJsonObject(body)) throw noVectors();
  embeddingsIn(body);
  const usage = readUsage(objectOf(body, "usageMetadata"));
  return { ...(usage && { usage }), outputBytes: 0, outputEvents: 0 };
}

/** In the form of the action that was asked for: one vector, or a list. */
export function encodeEmbeddings(
  { vectors, usage }: EmbeddingAnswer,
  { isSingle }: InferenceRequest<"embedding">,
  receipt: Receipt,
): string {
  const embeddings = vectors.map((values) => ({ values }));
  const usageMetadata = { promptTokenCount: (usage ?? receipt.usage).inputTokens };
  return JSON.stringify(
    isSingle === true ? { embedding: embeddings[0], usageMetadata } : { embeddings, usageMetadata },
  );
}

function embeddingsIn(body: JsonObject): readonly unknown[] {
  const single = objectOf(body, "embedding");
  const embeddings = single === undefined ? listOf(body, "embeddings") : [single];
  if (embeddings.length === 0) throw noVectors();
  return embeddings;
}

function valuesOf(embedding: unknown): readonly number[] {
  const values = isJsonObject(embedding) ? embedding["values"] : undefined;
  if (Array.isArray(values) && values.every((value) => typeof value === "number")) return values;
  throw noVectors();
}

function noVectors(): Error {
  return notAnAnswer("The provider answered with something that holds no embeddings.");
}
