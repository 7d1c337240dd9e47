import type { Tier } from "../../model/route-settings.ts";
import type { Route, Shadow, Target, Upstream, WeightedTarget } from "../../model/snapshot.ts";
import { targetOf } from "../../routing/target.ts";
import { USUAL_TIER } from "../../routing/usual-settings.ts";
import type { WrittenRoute, WrittenTarget, WrittenTargets } from "../configuration/route-section.ts";
import type { Configuration } from "../configuration/schema.ts";
import { compileCondition } from "./conditions.ts";
import { canaryArms, experimentArms } from "./route-arms.ts";
import { compileRouteSettings } from "./route-settings.ts";
import { compileTogether } from "./together.ts";

/** The routes, their targets joined to the upstreams. */
export function compileRoutes(
  routes: Configuration["routes"],
  upstreams: ReadonlyMap<string, Upstream>,
): ReadonlyMap<string, Route> {
  return new Map(
    Object.entries(routes).map(([alias, route]) => [alias, compileRoute(alias, route, upstreams)]),
  );
}

function compileRoute(alias: string, written: WrittenRoute, upstreams: ReadonlyMap<string, Upstream>): Route {
  const find = (name: string): Target => targetNamed(name, upstreams);
  const settings = compileRouteSettings(written);
  const { translation, experiment, canary, shadow } = written;
  const plainBase = { alias, translation, settings };
  const base =
    shadow === undefined
      ? plainBase
      : { ...plainBase, shadow: compileShadow(shadow, plainBase, find(shadow.target)) };
  if (experiment !== undefined) {
    const arms = experimentArms(experiment, (arm) => ({ ...base, ...compileTargets(arm, find) }));
    const [first] = arms.arms;
    if (first === undefined) throw new Error(`the experiment of ${alias} has no arms`);
    const { tiers, targets } = first.route;
    return Object.freeze({ ...base, tiers, targets, arms });
  }
  const plain = { ...base, ...compileTargets(written, find) };
  if (canary === undefined) return Object.freeze(plain);
  return Object.freeze({ ...plain, arms: canaryArms(canary, plain, find(canary.target)) });
}

function compileShadow(
  { percent, max_in_flight: maxInFlight }: NonNullable<WrittenRoute["shadow"]>,
  base: Pick<Route, "alias" | "translation" | "settings">,
  target: Target,
): Shadow {
  const targets = [Object.freeze({ target, weight: 1, tier: 0 })];
  const route = Object.freeze({ ...base, tiers: [USUAL_TIER], targets });
  return Object.freeze({ route, share: percent / 100, maxInFlight });
}

/** Targets that are written in one list are one tier. */
function compileTargets(
  written: WrittenTargets,
  find: (name: string) => Target,
): Pick<Route, "tiers" | "targets"> {
  const tiers = written.tiers ?? [{ ...written, when: undefined, targets: written.targets ?? [] }];
  return {
    tiers: tiers.map(compileTier),
    targets: tiers.flatMap(({ targets }, tier) => targets.map((target) => compileTarget(target, tier, find))),
  };
}

const CACHE_MS = { "5m": 300_000, "1h": 3_600_000 } as const;

function compileTier({
  strategy,
  by,
  cache_ttl: cacheTtl,
  when,
}: NonNullable<WrittenTargets["tiers"]>[number]): Tier {
  return Object.freeze({
    strategy,
    together: compileTogether(by, "conversation"),
    cacheMs: CACHE_MS[cacheTtl],
    ...(when === undefined ? {} : { when: compileCondition(when) }),
  });
}

function compileTarget(written: WrittenTarget, tier: number, find: (name: string) => Target): WeightedTarget {
  if (typeof written === "string") return Object.freeze({ target: find(written), weight: 1, tier });
  const { model, weight, region, when } = written;
  return Object.freeze({
    target: find(model),
    weight,
    tier,
    ...(region === undefined ? {} : { region }),
    ...(when === undefined ? {} : { when: compileCondition(when) }),
  });
}

function targetNamed(name: string, upstreams: ReadonlyMap<string, Upstream>): Target {
  const slash = name.indexOf("/");
  const provider = name.slice(0, slash);
  const upstream = upstreams.get(provider);
  // The rules have refused this already; the types can't know.
  if (upstream === undefined) throw new Error(`a route names the provider ${provider}, which is not served`);
  return targetOf(upstream, name.slice(slash + 1));
}
