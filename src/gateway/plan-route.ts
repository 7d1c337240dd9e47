import type { Route, WeightedTarget } from "../model/snapshot.ts";
import { chooseArm } from "../routing/arms.ts";
import type { ChoiceRequest } from "../routing/arrange.ts";
import { DirectPlan } from "../routing/direct-plan.ts";
import { onlyTarget } from "../routing/direct-route.ts";
import { capablePart } from "../routing/resolve.ts";
import { RoutePlan } from "../routing/route-plan.ts";
import { explanationHeader } from "./explanation-header.ts";
import type { LiveCall } from "./live-call.ts";
import type { PlannedRoute } from "./planned-route.ts";
import { whereStored } from "./stored-response.ts";

/** The way that the call takes where its route divides calls among several; else the route itself. */
export function armOf(call: LiveCall, route: Route): Route {
  if (route.arms === undefined) return route;
  const { rollouts } = call.parts.routing;
  const arm = chooseArm(route, call.facts, call.incoming.requestId, rollouts);
  call.watch(rollouts.of(route));
  return capablePart(arm, route.alias, call.request.operation);
}

/**
 * How the targets of the call's route follow each other. `permitted` are those that its policies and budgets leave; the
 * others are passed over, with the reason.
 */
export function planRoute(call: LiveCall, whole: Route, allowed: readonly WeightedTarget[]): PlannedRoute {
  const { routing } = call.parts;
  const { alias, settings } = whole;
  const state = routing.routes.of(whole);
  const stored = whereStored(call, whole.arm, allowed);
  const permitted = stored ?? allowed;
  const route = stored === undefined ? whole : { ...whole, targets: stored };
  const only = onlyTarget(route, call.caller);
  const isExplained = wantsExplanation(call);
  if (only !== undefined && !isExplained)
    return { alias, settings, state, plan: call.follow(new DirectPlan(only, settings, state, routing)) };
  const seed = call.incoming.requestId;
  const request: ChoiceRequest = {
    route,
    permitted,
    facts: call.facts,
    states: routing.targets,
    routeState: state,
    seed,
  };
  if (isExplained) call.explanationHeader = explanationHeader(request, routing);
  return { alias, settings, state, plan: call.follow(new RoutePlan(request, routing)) };
}

/** Only who may know how the gateway stands is told. */
function wantsExplanation({ incoming, caller, snapshot }: LiveCall): boolean {
  const { explainTo } = snapshot.routing;
  return (
    explainTo.length > 0 &&
    explainTo.includes(caller.project) &&
    incoming.headers.get("x-gatehouse-explain") === "true"
  );
}
