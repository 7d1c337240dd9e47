import type { Route, Target } from "../model/snapshot.ts";
import { strategies } from "./strategies/index.ts";

/** The targets of a route in the order to try them, each at most once, worked out as they are asked for. */
export function plan(route: Route, random: () => number = Math.random): Iterable<Target> {
  return strategies[route.strategy].order(route.targets, random);
}
