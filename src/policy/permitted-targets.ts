import type { Caller } from "../model/caller.ts";
import { nameMatcher } from "../model/name-pattern.ts";
import type { Route, WeightedTarget } from "../model/snapshot.ts";
import type { KnownCaller } from "./identity/known-caller.ts";

/**
 * The targets of a route that the caller's policies leave: each policy allows the route by its alias, or in part by its
 * targets' names, and may bind providers besides. The route's own list where it leaves them all.
 */
export function permittedTargets(caller: KnownCaller, { alias, targets }: Route): readonly WeightedTarget[] {
  const isWhole = caller.mayUse(alias);
  const hasProviders = caller.policies.some(({ policy }) => policy.providers !== undefined);
  if (isWhole && !hasProviders) return targets;
  return targets.filter(
    ({ target }) =>
      (isWhole || caller.mayReach(alias, target.name)) && mayCall(caller, target.upstream.provider),
  );
}

function mayCall({ policies }: Caller, provider: string): boolean {
  return policies.every(
    ({ policy }) => policy.providers === undefined || nameMatcher(policy.providers)(provider),
  );
}
