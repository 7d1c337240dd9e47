import { isJsonObject } from "../../../model/json.ts";
import type { TokenProbability } from "../../../model/token-probability.ts";
import type { WireLogProbabilities } from "../wire.ts";

/** `choices[].logprobs` (https://platform.openai.com/docs/api-reference/completions/object). */
export function readTokenProbabilities(logprobs: unknown): readonly TokenProbability[] {
  if (!isJsonObject(logprobs)) return [];
  const { tokens, token_logprobs: own, top_logprobs: top } = logprobs;
  if (!Array.isArray(tokens) || !Array.isArray(own)) return [];
  return tokens.flatMap((token: unknown, at): readonly TokenProbability[] => {
    const logProbability: unknown = own[at];
    if (typeof token !== "string" || typeof logProbability !== "number") return [];
    const others: unknown = Array.isArray(top) ? top[at] : undefined;
    const alternatives = Object.entries(isJsonObject(others) ? others : {}).flatMap(([name, value]) =>
      typeof value === "number" ? [{ token: name, logProbability: value }] : [],
    );
    return [{ token, logProbability, alternatives }];
  });
}

/** `offset` is where the first of the tokens begins in the choice's text. */
export function encodeTokenProbabilities(
  tokens: readonly TokenProbability[],
  offset: number,
): WireLogProbabilities | null {
  if (tokens.length === 0) return null;
  let at = offset;
  return {
    tokens: tokens.map(({ token }) => token),
    token_logprobs: tokens.map(({ logProbability }) => logProbability),
    top_logprobs: tokens.map(({ alternatives }) =>
      Object.fromEntries(alternatives.map(({ token, logProbability }) => [token, logProbability])),
    ),
    text_offset: tokens.map(({ token }) => {
      const begins = at;
      at += token.length;
      return begins;
    }),
  };
}
