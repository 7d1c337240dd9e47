import { CANARY_ARM } from "../../model/canary-arm.ts";
import type { Route, RouteArm, RouteArms, Target } from "../../model/snapshot.ts";
import { USUAL_TIER } from "../../routing/usual-settings.ts";
import type { WrittenRoute } from "../configuration/route-section.ts";
import { compileTogether } from "./together.ts";

type WrittenCanary = NonNullable<WrittenRoute["canary"]>;
type WrittenExperiment = NonNullable<WrittenRoute["experiment"]>;

/** The two ways of a route with a canary. Where the canary can't answer, the others do. */
export function canaryArms(written: WrittenCanary, control: Route, canary: Target): RouteArms {
  const { percent, by, slower_percent: slowerPercent, false_alarm: falseAlarm } = written;
  const canaryRoute: Route = {
    ...control,
    tiers: [USUAL_TIER, ...control.tiers],
    targets: [
      Object.freeze({ target: canary, weight: 1, tier: 0 }),
      ...control.targets.map((member) => Object.freeze({ ...member, tier: member.tier + 1 })),
    ],
  };
  return Object.freeze({
    name: `canary ${canary.name}`,
    together: compileTogether(by, "key"),
    arms: [arm("control", 100 - percent, control), arm(CANARY_ARM, percent, canaryRoute)],
    rollback: Object.freeze({ falseAlarm, tolerance: slowerPercent / 100 }),
  });
}

/** The ways of an experiment, each a route of its own. */
export function experimentArms(
  { name, by, arms }: WrittenExperiment,
  compile: (arm: WrittenExperiment["arms"][string]) => Route,
): RouteArms {
  return Object.freeze({
    name,
    together: compileTogether(by, "key"),
    arms: Object.entries(arms).map(([armName, written]) => arm(armName, written.weight, compile(written))),
  });
}

function arm(name: string, weight: number, route: Route): RouteArm {
  return Object.freeze({ weight, route: Object.freeze({ ...route, arm: name }) });
}
