import type { StrategyId, Target, WeightedTarget } from "../../model/snapshot.ts";

/** How a route chooses. */
export interface Strategy {
  readonly id: StrategyId;
  /**
   * The targets in the order to try them, each once, worked out as they are asked for. `random` gives numbers in
   * [0, 1) and is passed in so that tests can fix it.
   */
  order(targets: readonly WeightedTarget[], random: () => number): Iterable<Target>;
}
