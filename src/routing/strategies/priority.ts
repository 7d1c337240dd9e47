import type { Strategy } from "./strategy.ts";

/** In the order written: the first target, the next only when the ones before it failed. */
export const priority: Strategy = {
  id: "priority",
  score: (candidates) => candidates.map((_, place) => place),
};
