import type { WeightedTarget } from "../../model/snapshot.ts";
import type { Strategy } from "./strategy.ts";

/** By chance in proportion to the weights; after a failure, by chance among those that are left. */
export const weighted: Strategy = {
  id: "weighted",
  *order(targets, random) {
    const left = [...targets];
    while (left.length > 0) {
      const [chosen] = left.splice(draw(left, random()), 1);
      if (chosen !== undefined) yield chosen.target;
    }
  },
};

function draw(targets: readonly WeightedTarget[], chance: number): number {
  const total = targets.reduce((sum, { weight }) => sum + weight, 0);
  let left = chance * total;
  for (const [index, { weight }] of targets.entries()) {
    left -= weight;
    if (left < 0) return index;
  }
  return targets.length - 1;
}
