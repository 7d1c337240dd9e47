import type { RequestFacts } from "../request-facts.ts";
import type { Candidate } from "./strategy.ts";

/** How long answers are taken to be before any came. */
const USUAL_TOKENS = 200;

/**
 * How many tokens the answer is expected to have. The same for all candidates: what they are compared by must differ by
 * what they are, not by what they happened to be asked for.
 */
export function usualOutputTokens(
  candidates: readonly Candidate[],
  { maxOutputTokens }: RequestFacts,
): number {
  let sum = 0;
  let known = 0;
  for (const { learnt } of candidates) {
    const mean = learnt.outputTokens.value;
    if (mean === undefined) continue;
    sum += mean;
    known++;
  }
  const usual = known === 0 ? USUAL_TOKENS : sum / known;
  return Math.ceil(Math.min(usual, maxOutputTokens ?? usual));
}
