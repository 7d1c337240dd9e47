import type { AnswerFacts } from "../../model/dialect.ts";
import type { EmbeddingAnswer } from "../../model/embedding.ts";
import type { GatewayError } from "../../model/gateway-error.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { notAnAnswer } from "../failure/not-an-answer.ts";
import { textMember } from "../json/members.ts";
import { failureFromWire, isFailure } from "../openai-chat/stream-failure.ts";
import { readUsage } from "./usage.ts";
import { decodeVector } from "./vector.ts";

/**
 * The vectors in the order of the inputs, by their `index` where they have one. Throws where one is missing or no
 * vector: what is put into a store in the wrong place is found by nobody.
 */
export function decodeResponse(body: unknown): EmbeddingAnswer {
  const { list, entries } = checkList(body);
  const vectors: (readonly number[])[] = [];
  for (const [at, entry] of entries.entries()) {
    const { index = at } = entry;
    const vector = decodeVector(entry["embedding"]);
    const isPlace = typeof index === "number" && Number.isInteger(index) && index >= 0;
    if (vector === undefined || !isPlace || index >= entries.length || vectors[index] !== undefined)
      throw broken(at);
    vectors[index] = vector;
  }
  const model = textMember(list, "model");
  const usage = readUsage(list["usage"]);
  return { ...(model !== undefined && { model }), vectors, ...(usage && { usage }) };
}

/** Facts about an answer that passes through. Throws `upstream_invalid_answer` where it holds no embeddings. */
export function scanResponse(body: unknown): AnswerFacts {
  const usage = readUsage(checkList(body).list["usage"]);
  return { ...(usage && { usage }), outputBytes: 0, outputEvents: 0 };
}

function checkList(body: unknown): { readonly list: JsonObject; readonly entries: readonly JsonObject[] } {
  if (isJsonObject(body) && isFailure(body)) throw failureFromWire(body);
  const data = isJsonObject(body) ? body["data"] : undefined;
  if (isJsonObject(body) && Array.isArray(data) && data.length > 0 && data.every(isJsonObject))
    return { list: body, entries: data };
  throw notAnAnswer("The provider answered 200 with something that holds no embeddings (it has no `data`).");
}

function broken(at: number): GatewayError {
  return notAnAnswer(`The provider's answer holds no vector, or one in another's place, at \`data[${at}]\`.`);
}
