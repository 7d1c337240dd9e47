import type { Route, RouteArms } from "../model/snapshot.ts";
import { hashShare } from "./rendezvous.ts";
import type { RequestFacts } from "./request-facts.ts";
import { togetherKey } from "./together.ts";

/**
 * The way that a call takes. What belongs together goes the same way, however often it is asked, as long as the division
 * keeps its name; a call that has nothing in common with others goes by its id.
 */
export function chooseArm(
  { name, together, arms }: RouteArms,
  facts: RequestFacts,
  requestId: string,
): Route {
  const total = arms.reduce((sum, { weight }) => sum + weight, 0);
  let left = hashShare(`${name}\n${togetherKey(together, facts) ?? requestId}`) * total;
  for (const { weight, route } of arms) {
    left -= weight;
    if (left < 0) return route;
  }
  const last = arms.at(-1);
  if (last === undefined) throw new Error(`the division ${name} has no ways`);
  return last.route;
}
