import { isJsonObject } from "../../../model/json.ts";
import type { TokenProbability } from "../../../model/token-probability.ts";

/**
 * `logprobs`: stretches of text with the log probabilities of the tokens they are made of
 * (https://docs.cohere.com/v2/reference/chat, "logprobs"). Where a stretch is of several tokens, it is one here, as
 * probable as all of them together.
 */
export function readTokenProbabilities(value: unknown): readonly TokenProbability[] {
  const items = Array.isArray(value) ? value : [value];
  return items.filter(isJsonObject).flatMap((item): readonly TokenProbability[] => {
    const { text, logprobs } = item;
    const weights = Array.isArray(logprobs) ? logprobs.filter((weight) => typeof weight === "number") : [];
    if (typeof text !== "string" || weights.length === 0) return [];
    return [
      { token: text, logProbability: weights.reduce((sum, weight) => sum + weight, 0), alternatives: [] },
    ];
  });
}
