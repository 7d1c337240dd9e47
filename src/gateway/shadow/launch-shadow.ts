import { roughTokens } from "../../model/rough-tokens.ts";
import type { Shadow } from "../../model/snapshot.ts";
import { permittedTargets } from "../../policy/permitted-targets.ts";
import type { Choice } from "../../routing/plan.ts";
import { hashShare } from "../../routing/rendezvous.ts";
import { RoutePlan } from "../../routing/route-plan.ts";
import type { RouteState } from "../../routing/route-state.ts";
import type { Ticket } from "../../routing/target-state.ts";
import { FactsOfCall } from "../facts-of-call.ts";
import { findJunction } from "../junction.ts";
import type { LiveCall } from "../live-call.ts";
import { outgoing } from "../outgoing.ts";
import { ShadowCall, type ShadowOrder } from "./shadow-call.ts";

/**
 * Copies a call to its route's shadow, where the call is one of those that are. It is done in a turn of its own, behind
 * what the call itself is about to do, and whatever goes wrong is the shadow's alone.
 */
export function launchShadow(call: LiveCall, shadow: Shadow): void {
  if (call.request.operation === "count-tokens") return;
  // The provider that stores the response that it goes on from is another than the shadow, or would store the copy.
  if (call.request.previousResponse !== undefined) return;
  if (hashShare(`shadow\n${call.incoming.requestId}`) >= shadow.share) return;
  setImmediate(() => {
    // An end that was written would not be found again by a row that comes behind it.
    if (!call.isSettled) launch(call, shadow, call.parts.routing.routes.of(shadow.route));
  });
}

function launch(call: LiveCall, shadow: Shadow, state: RouteState): void {
  if (state.shadowsInFlight >= shadow.maxInFlight) {
    state.shadowsDropped++;
    return;
  }
  const choice = choose(call, shadow, state);
  const order = choice && orderFor(call, choice);
  if (choice === undefined || order === undefined) return;
  const ticket = placeFor(call, choice);
  if (ticket === undefined) state.shadowsDropped++;
  else void new ShadowCall(call, { ...order, ticket, settings: shadow.route.settings }, state).run();
}

/**
 * The target, where the caller's policies allow it, it can serve the request, and it is well: one that rests is not to be
 * hindered by copies.
 */
function choose(call: LiveCall, { route }: Shadow, routeState: RouteState): Choice | undefined {
  const { routing } = call.parts;
  const permitted = permittedTargets(call.caller, route);
  // Its own: the call's later choices don't go by what was worked out for the copy, nor does its record tell it.
  const facts = new FactsOfCall(call);
  const seed = call.incoming.requestId;
  const plan = new RoutePlan({ route, permitted, facts, states: routing.targets, routeState, seed }, routing);
  const choice = plan.preview();
  return choice?.reason === "first" ? choice : undefined;
}

/** Undefined where the target can't be asked that. */
function orderFor(call: LiveCall, { target }: Choice): Omit<ShadowOrder, "ticket" | "settings"> | undefined {
  try {
    const junction = findJunction(call.incoming, call.request, target, call.parts.dialects);
    return junction && { target, junction, sent: outgoing(call, target, junction) };
  } catch {
    return undefined;
  }
}

function placeFor(call: LiveCall, { state }: Choice): Ticket | undefined {
  return state.enter(roughTokens(call.request.bodyBytes));
}
