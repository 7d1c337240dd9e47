import type { Caller } from "../model/caller.ts";
import { nameMatcher } from "../model/name-pattern.ts";
import type { ScopedPolicy } from "../model/policy.ts";
import type { Route, Target, WeightedTarget } from "../model/snapshot.ts";
import type { KnownCaller } from "./identity/known-caller.ts";

/**
 * The targets of a route that the caller's policies leave: each policy allows the route by its alias, or in part by its
 * targets' names, and may bind providers besides. The route's own list where it leaves them all.
 */
export function permittedTargets(caller: KnownCaller, { alias, targets }: Route): readonly WeightedTarget[] {
  const isWhole = caller.mayUse(alias);
  if (isWhole && !caller.policies.some(bindsProviders)) return targets;
  return targets.filter(({ target }) => mayServe(caller, isWhole ? undefined : alias, target));
}

function bindsProviders({ policy }: ScopedPolicy): boolean {
  return policy.providers !== undefined;
}

/** `alias` where it is not allowed as it is. */
function mayServe(caller: KnownCaller, alias: string | undefined, { name, upstream }: Target): boolean {
  return (alias === undefined || caller.mayReach(alias, name)) && mayCall(caller, upstream.provider);
}

function mayCall({ policies }: Caller, provider: string): boolean {
  return policies.every(
    ({ policy }) => policy.providers === undefined || nameMatcher(policy.providers)(provider),
  );
}
