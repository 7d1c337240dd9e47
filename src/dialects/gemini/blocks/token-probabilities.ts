import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import type { ProbableToken, TokenProbability } from "../../../model/token-probability.ts";
import { listOf, numberOf, objectOf } from "../members.ts";
import type { WireLogProbabilities, WireToken } from "../wire.ts";

/** `logprobsResult` of a candidate (https://ai.google.dev/api/generate-content#LogprobsResult). */
export function readTokenProbabilities(candidate: JsonObject): readonly TokenProbability[] {
  const result = objectOf(candidate, "logprobsResult");
  if (result === undefined) return [];
  const others = listOf(result, "topCandidates");
  return listOf(result, "chosenCandidates").flatMap((chosen, place): readonly TokenProbability[] => {
    const token = readToken(chosen);
    if (token === undefined) return [];
    const top = others[place];
    const alternatives = isJsonObject(top)
      ? listOf(top, "candidates").flatMap((one) => readToken(one) ?? [])
      : [];
    return [{ ...token, alternatives }];
  });
}

export function encodeTokenProbabilities(tokens: readonly TokenProbability[]): WireLogProbabilities {
  return {
    chosenCandidates: tokens.map(encodeToken),
    topCandidates: tokens.map(({ alternatives }) => ({ candidates: alternatives.map(encodeToken) })),
  };
}

/** A probability of one is written by leaving its logarithm out, as zeros are. */
function readToken(value: unknown): ProbableToken | undefined {
  const token = isJsonObject(value) ? value["token"] : undefined;
  if (!isJsonObject(value) || typeof token !== "string") return undefined;
  return { token, logProbability: numberOf(value, "logProbability") ?? 0 };
}

function encodeToken({ token, logProbability }: ProbableToken): WireToken {
  return { token, logProbability };
}
