import type { Candidate, Strategy } from "./strategy.ts";

/** By chance in proportion to the weights; after a failure, by chance among those that are left. */
export const weighted: Strategy = {
  id: "weighted",
  score: (candidates, { random }) => drawWeighted(candidates, random),
};

/**
 * Draws an order by weights without putting back: the smallest of exponential variables with those rates is first as
 * often as its rate says, and so it is among the rest (Efraimidis and Spirakis 2006).
 */
export function drawWeighted(candidates: readonly Candidate[], random: () => number): number[] {
  return candidates.map(({ member }) => -Math.log1p(-random()) / member.weight);
}
