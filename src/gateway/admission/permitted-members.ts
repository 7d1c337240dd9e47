import type { Route, WeightedTarget } from "../../model/snapshot.ts";
import type { KnownCaller } from "../../policy/identity/known-caller.ts";
import { permittedTargets } from "../../policy/permitted-targets.ts";
import { forbiddenRegion } from "../../routing/filters/region.ts";

/** The targets that the caller's policies leave of a route, by names, providers and regions. */
export function permittedMembers(caller: KnownCaller, route: Route): readonly WeightedTarget[] {
  const { policies } = caller;
  return permittedTargets(caller, route).filter((member) => forbiddenRegion(member, policies) === undefined);
}
