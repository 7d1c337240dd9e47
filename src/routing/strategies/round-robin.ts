import type { Strategy } from "./strategy.ts";

/** Each target in its turn. Those that are passed over have none, so the others share evenly. */
export const roundRobin: Strategy = {
  id: "round-robin",
  goesByTurns: true,
  score(candidates, { memory }) {
    const count = candidates.length;
    const turn = memory.turn % count;
    return candidates.map((_, place) => (place - turn + count) % count);
  },
  chosen(_, { memory }) {
    memory.turn = (memory.turn + 1) % Number.MAX_SAFE_INTEGER;
  },
};
