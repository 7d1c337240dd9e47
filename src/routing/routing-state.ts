import type { RoutingSettings } from "../model/route-settings.ts";
import { Rollouts } from "./rollout/rollouts.ts";
import { RouteStates } from "./route-state.ts";
import { LocalTargetStates, type TargetStates } from "./target-states.ts";

/** What a clock and chance are to the routing. */
export interface RoutingSources {
  /** Milliseconds since 1970, never set back. */
  readonly clock: () => number;
  readonly random: () => number;
}

/**
 * All that routing remembers, of targets and of routes. It goes by their names, so that what was learnt outlives a
 * change of the configuration, whose settings hold from then on.
 */
export class RoutingState {
  readonly targets: TargetStates;
  readonly routes: RouteStates;
  readonly rollouts = new Rollouts();
  readonly clock: () => number;
  readonly random: () => number;

  /** `settings` gives those in force. */
  constructor(settings: () => RoutingSettings, sources: RoutingSources = SYSTEM) {
    this.targets = new LocalTargetStates(() => settings().health);
    this.routes = new RouteStates(settings);
    this.clock = sources.clock;
    this.random = sources.random;
  }
}

/** The clock of the system, as it was at the start: one that is set back would keep targets out for long. */
const SYSTEM: RoutingSources = {
  clock: () => performance.timeOrigin + performance.now(),
  random: Math.random,
};
