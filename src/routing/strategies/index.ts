import type { StrategyId } from "../../model/snapshot.ts";
import { priority } from "./priority.ts";
import type { Strategy } from "./strategy.ts";
import { weighted } from "./weighted.ts";

/** Every strategy, one line each. */
export const strategies: { readonly [S in StrategyId]: Strategy } = { priority, weighted };
