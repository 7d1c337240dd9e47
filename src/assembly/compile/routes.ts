import type { Route, Upstream, WeightedTarget } from "../../model/snapshot.ts";
import { targetOf } from "../../routing/target.ts";
import type { Configuration } from "../configuration/schema.ts";

type WrittenRoute = Configuration["routes"][string];
type WrittenTarget = WrittenRoute["targets"][number];

/** The routes, their targets joined to the upstreams. */
export function compileRoutes(
  routes: Configuration["routes"],
  upstreams: ReadonlyMap<string, Upstream>,
): ReadonlyMap<string, Route> {
  return new Map(
    Object.entries(routes).map(([alias, route]) => [alias, compileRoute(alias, route, upstreams)]),
  );
}

function compileRoute(alias: string, route: WrittenRoute, upstreams: ReadonlyMap<string, Upstream>): Route {
  const targets = route.targets.map((target) => compileTarget(target, upstreams));
  const { strategy, translation } = route;
  return Object.freeze({ alias, strategy, translation, targets: Object.freeze(targets) });
}

function compileTarget(written: WrittenTarget, upstreams: ReadonlyMap<string, Upstream>): WeightedTarget {
  const { model: name, weight } = typeof written === "string" ? { model: written, weight: 1 } : written;
  const slash = name.indexOf("/");
  const provider = name.slice(0, slash);
  const model = name.slice(slash + 1);
  const upstream = upstreams.get(provider);
  // The rules have refused this already; the types can't know.
  if (upstream === undefined) throw new Error(`a route names the provider ${provider}, which is not served`);
  return Object.freeze({ target: targetOf(upstream, model), weight });
}
