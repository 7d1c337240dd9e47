import type { Route, RouteArm, RouteArms } from "../../model/snapshot.ts";
import type { WrittenRoute } from "../configuration/route-section.ts";
import { compileTogether } from "./together.ts";

type WrittenExperiment = NonNullable<WrittenRoute["experiment"]>;

/** The ways of an experiment, each a route of its own. */
export function experimentArms(
  { name, by, arms }: WrittenExperiment,
  compile: (arm: WrittenExperiment["arms"][string]) => Route,
): RouteArms {
  return Object.freeze({
    name,
    together: compileTogether(by, "key"),
    arms: Object.freeze(
      Object.entries(arms).map(([armName, written]) => arm(armName, written.weight, compile(written))),
    ),
  });
}

function arm(name: string, weight: number, route: Route): RouteArm {
  return Object.freeze({ weight, route: Object.freeze({ ...route, arm: name }) });
}
