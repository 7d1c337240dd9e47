import type { Route } from "../model/snapshot.ts";
import { hashShare } from "./rendezvous.ts";
import type { RequestFacts } from "./request-facts.ts";
import type { Rollouts } from "./rollout/rollouts.ts";
import { togetherKey } from "./together.ts";

/**
 * The way that a call takes where its route divides calls among several; else the route itself. What belongs together
 * goes the same way, however often it is asked, as long as the division keeps its name; a call that has nothing in
 * common with others goes by its id. Where a canary was given up all go the other way.
 */
export function chooseArm(route: Route, facts: RequestFacts, requestId: string, rollouts: Rollouts): Route {
  if (route.arms === undefined) return route;
  const { name, together, arms } = route.arms;
  const [first] = arms;
  if (first !== undefined && rollouts.of(route)?.givenUpBecause !== undefined) return first.route;
  const total = arms.reduce((sum, { weight }) => sum + weight, 0);
  let left = hashShare(`${name}\n${togetherKey(together, facts) ?? requestId}`) * total;
  for (const arm of arms) {
    left -= arm.weight;
    if (left < 0) return arm.route;
  }
  return arms.at(-1)?.route ?? route;
}

/** All ways that calls of a route may take: the arms, or the route itself where it is not divided. */
export function waysOf(route: Route): readonly Route[] {
  return route.arms?.arms.map((arm) => arm.route) ?? [route];
}
