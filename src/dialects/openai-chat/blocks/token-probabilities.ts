import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import type { ProbableToken, TokenProbability } from "../../../model/token-probability.ts";

/** `choices[].logprobs.content` (https://platform.openai.com/docs/api-reference/chat/object). */
export function readTokenProbabilities(entries: unknown): readonly TokenProbability[] {
  if (!Array.isArray(entries)) return [];
  return entries.filter(isJsonObject).flatMap((entry): readonly TokenProbability[] => {
    const token = readToken(entry);
    if (token === undefined) return [];
    const others = entry["top_logprobs"];
    const alternatives = Array.isArray(others)
      ? others.filter(isJsonObject).flatMap((other) => readToken(other) ?? [])
      : [];
    return [{ ...token, alternatives }];
  });
}

export function encodeTokenProbabilities(tokens: readonly TokenProbability[]): readonly JsonObject[] {
  return tokens.map((token) => ({
    ...encodeToken(token),
    top_logprobs: token.alternatives.map(encodeToken),
  }));
}

function readToken(entry: JsonObject): ProbableToken | undefined {
  const { token, logprob, bytes } = entry;
  if (typeof token !== "string" || typeof logprob !== "number") return undefined;
  const isBytes = Array.isArray(bytes) && bytes.every((byte) => typeof byte === "number");
  return { token, logProbability: logprob, ...(isBytes && { bytes }) };
}

function encodeToken({ token, logProbability, bytes }: ProbableToken): JsonObject {
  return { token, logprob: logProbability, bytes: bytes ?? [...Buffer.from(token)] };
}
