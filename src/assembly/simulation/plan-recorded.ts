import { permittedPart } from "../../gateway/admission/permitted-part.ts";
import { pricedTargets } from "../../gateway/admission/priced-targets.ts";
import { hasBudget } from "../../model/policy.ts";
import type { Route, WeightedTarget } from "../../model/snapshot.ts";
import type { KnownCaller } from "../../policy/identity/known-caller.ts";
import { chooseArm } from "../../routing/arms.ts";
import { DirectPlan } from "../../routing/direct-plan.ts";
import { onlyTarget } from "../../routing/direct-route.ts";
import type { Plan } from "../../routing/plan.ts";
import { capablePart, resolve } from "../../routing/resolve.ts";
import type { Rollout } from "../../routing/rollout/rollout.ts";
import { RoutePlan } from "../../routing/route-plan.ts";
import type { RouteState } from "../../routing/route-state.ts";
import type { RecordedCall } from "./recorded-call.ts";
import type { RecordedFacts } from "./recorded-facts.ts";
import type { World } from "./world.ts";

/** The way that a call takes, and what its attempts are made by. */
export interface RecordedPlan {
  readonly route: Route;
  readonly state: RouteState;
  readonly plan: Plan;
  /** The canary that learns from it. */
  readonly rollout: Rollout | undefined;
}

/**
 * Plans a recorded call as the gateway plans one that comes: resolved, divided, permitted. Throws the GatewayError that
 * it would be refused with.
 */
export function planRecorded(
  world: World,
  call: RecordedCall,
  caller: KnownCaller,
  facts: RecordedFacts,
): RecordedPlan {
  const { snapshot, routing } = world;
  const named = resolve(snapshot, call.requestedModel, call.operation);
  const isDivided = named.arms !== undefined;
  const arm = isDivided ? chooseArm(named, facts, call.id, routing.rollouts) : named;
  const route = isDivided ? capablePart(arm, named.alias, call.operation) : named;
  const rollout = isDivided ? routing.rollouts.of(named) : undefined;
  const permitted = admittedTargets(world, call, caller, route);
  const state = routing.routes.of(route);
  const only = onlyTarget(route, caller);
  if (only !== undefined)
    return { route, state, rollout, plan: new DirectPlan(only, route.settings, state, routing) };
  takeTurns(call, route, state);
  const choice = { route, permitted, facts, states: routing.targets, routeState: state, seed: call.id };
  return { route, state, rollout, plan: new RoutePlan(choice, routing) };
}

/** What admission would leave of the route. */
function admittedTargets(
  { prices, events }: World,
  { operation }: RecordedCall,
  caller: KnownCaller,
  route: Route,
): readonly WeightedTarget[] {
  const permitted = permittedPart(caller, operation, route);
  const isBound = caller.policies.some(hasBudget);
  if (!isBound || operation === "count-tokens") return permitted.targets;
  return pricedTargets(prices, permitted, events.nowMs).map(({ member }) => member);
}

/** Whose turn it was hangs on all calls since the gateway's start: of the same route it is known. */
function takeTurns({ route: alias, arm, routing }: RecordedCall, route: Route, state: RouteState): void {
  if (route.alias !== alias || route.arm !== arm) return;
  for (const { tier, turn } of routing?.tried.toReversed() ?? [])
    if (turn !== undefined && tier < route.tiers.length) state.memoryOf(tier).turn = turn;
}
