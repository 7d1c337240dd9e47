import type { StrategyId } from "../../model/route-settings.ts";
import { cacheAffinity } from "./cache-affinity.ts";
import { cheapest } from "./cheapest.ts";
import { leastInFlight } from "./least-in-flight.ts";
import { lowestLatency } from "./lowest-latency.ts";
import { priority } from "./priority.ts";
import { roundRobin } from "./round-robin.ts";
import { sticky } from "./sticky.ts";
import type { Strategy } from "./strategy.ts";
import { weighted } from "./weighted.ts";

/** Every strategy, one line each. */
export const strategies: { readonly [S in StrategyId]: Strategy } = {
  priority,
  weighted,
  "round-robin": roundRobin,
  "least-in-flight": leastInFlight,
  "lowest-latency": lowestLatency,
  cheapest,
  "cache-affinity": cacheAffinity,
  sticky,
};
