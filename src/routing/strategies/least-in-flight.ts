import type { Strategy } from "./strategy.ts";

/** The target with the fewest calls in flight, relative to its weight. */
export const leastInFlight: Strategy = {
  id: "least-in-flight",
  score: (candidates) => candidates.map(({ member, learnt }) => learnt.inFlight / member.weight),
};
