import type { StrategyId, Tier } from "../../model/route-settings.ts";
import type { WeightedTarget } from "../../model/snapshot.ts";
import type { AffinityMemory } from "../learnt/affinity-memory.ts";
import type { LearntTarget } from "../learnt/learnt-target.ts";
import type { RequestFacts } from "../request-facts.ts";

/** A target that may serve the request, and what was learnt about it. */
export interface Candidate {
  readonly member: WeightedTarget;
  readonly learnt: LearntTarget;
}

/** What a tier keeps between its calls. */
export interface TierMemory {
  /** How many calls it has begun. */
  turn: number;
  readonly affinity: AffinityMemory;
}

/** What a strategy may go by beside the candidates. */
export interface StrategyContext {
  readonly tier: Tier;
  readonly facts: RequestFacts;
  readonly memory: Readonly<TierMemory>;
  /** Numbers in [0, 1), the same at each asking about the same request. */
  readonly random: () => number;
}

/** How a tier chooses. */
export interface Strategy {
  readonly id: StrategyId;
  /**
   * A number for each candidate, in their order: the lowest is tried first, the next when that failed; of equals chance
   * decides. Changes nothing, so that it can be asked as often as one likes why a target was chosen.
   */
  score(candidates: readonly Candidate[], context: StrategyContext): readonly number[];
  /** True where it goes by how many calls the tier has begun. */
  readonly goesByTurns?: boolean;
  /** The call goes to this one: what the tier keeps may change. Absent where it keeps nothing. */
  chosen?(candidate: Candidate, context: StrategyContext & { readonly memory: TierMemory }): void;
}
