import type { RouteSettings } from "../model/route-settings.ts";
import type { Timeouts, Upstream } from "../model/snapshot.ts";

/** Timeouts are the provider's; a route may say otherwise. */
export function timeoutsOf({ timeouts }: Upstream, { timeouts: overrides }: RouteSettings): Timeouts {
  return overrides === undefined ? timeouts : { ...timeouts, ...overrides };
}
