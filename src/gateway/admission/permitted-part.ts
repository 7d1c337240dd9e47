import type { Caller } from "../../model/caller.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import { nameMatcher } from "../../model/name-pattern.ts";
import type { Route } from "../../model/snapshot.ts";
import type { KnownCaller } from "../../policy/identity/known-caller.ts";
import { permittedTargets } from "../../policy/permitted-targets.ts";

/**
 * Each policy over the caller allows a route by its alias, or in part by its targets' names, and may bind providers and
 * operations besides. Throws `operation_not_allowed`, and `model_not_allowed` where nothing is left.
 */
export function permittedPart(caller: KnownCaller, operation: string, route: Route): Route {
  refuseOperation(caller, operation);
  const targets = permittedTargets(caller, route);
  if (targets === route.targets) return route;
  if (targets.length > 0) return { ...route, targets };
  throw new GatewayError("model_not_allowed", {
    message: `This key may not use "${route.alias}".`,
    mend: `It may use: ${permittedNames(caller)}. GET /v1/models lists models.`,
    field: "model",
  });
}

/** Throws `operation_not_allowed` where a policy over the caller doesn't allow it. */
export function refuseOperation({ policies }: Caller, operation: string): void {
  for (const { scope, id, policy } of policies) {
    if (policy.operations === undefined || nameMatcher(policy.operations)(operation)) continue;
    throw new GatewayError("operation_not_allowed", {
      message: `The ${scope} "${id}" may not use the operation "${operation}".`,
      mend: `It may use: ${policy.operations.join(", ") || "none"}.`,
    });
  }
}

/** The patterns of every policy that has some; a model must fit one of each. */
function permittedNames({ policies }: Caller): string {
  return policies
    .flatMap(({ policy }) => (policy.models === undefined ? [] : [policy.models.join(", ") || "nothing"]))
    .join("; of these only: ");
}
