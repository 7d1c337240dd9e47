import type { Caller } from "../model/caller.ts";
import { GatewayError } from "../model/gateway-error.ts";
import type { Route } from "../model/snapshot.ts";
import type { LiveCall } from "./live-call.ts";

/**
 * Asks the policy: the targets that the caller may use, and a place among the calls in flight. Throws
 * `model_not_allowed`, `overloaded` or `too_many_concurrent`.
 */
export function admit(call: LiveCall, route: Route): Route {
  const permitted = permittedPart(call, route);
  call.admit(call.parts.concurrency.admit(call.caller));
  return permitted;
}

/** Each policy over the caller allows a route by its alias, or in part by its targets' names. */
function permittedPart(call: LiveCall, route: Route): Route {
  const { caller } = call;
  if (caller.mayUse(route.alias)) return route;
  const targets = route.targets.filter(({ target }) => caller.mayReach(route.alias, target.name));
  if (targets.length > 0) return { ...route, targets };
  throw new GatewayError("model_not_allowed", {
    message: `This key may not use "${route.alias}".`,
    mend: `It may use: ${permittedNames(caller)}. GET /v1/models lists models.`,
    field: "model",
  });
}

/** The patterns of every policy that has some; a model must fit one of each. */
function permittedNames({ policies }: Caller): string {
  return policies
    .flatMap(({ policy }) => (policy.models === undefined ? [] : [policy.models.join(", ") || "nothing"]))
    .join("; of these only: ");
}
