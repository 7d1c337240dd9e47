import { rendezvousScore } from "../rendezvous.ts";
import { togetherKey } from "../together.ts";
import type { Strategy } from "./strategy.ts";
import { drawWeighted } from "./weighted.ts";

/**
 * Calls that belong together always go to the same target, in shares by weight, without anything being kept: by a hash
 * of what they have in common. A call that has no such thing goes by chance.
 */
export const sticky: Strategy = {
  id: "sticky",
  score(candidates, { tier, facts, random }) {
    const key = togetherKey(tier.together, facts);
    if (key === undefined) return drawWeighted(candidates, random);
    return candidates.map(({ member }) => rendezvousScore(key, member.target.name, member.weight));
  },
};
