import type { Strategy } from "./strategy.ts";
import { usualOutputTokens } from "./usual-output.ts";

/**
 * The target where this very request is expected to cost least: its length, the usual length of answers, and of the
 * input the share that this target's cache has held lately. One without a price is the last.
 */
export const cheapest: Strategy = {
  id: "cheapest",
  score(candidates, context) {
    const tokens = usualOutputTokens(candidates, context.facts);
    return candidates.map(({ member, learnt }) => {
      const cost = context.facts.cost(member.target, learnt.cachedShare.value ?? 0, tokens);
      return cost ?? Number.POSITIVE_INFINITY;
    });
  },
};
