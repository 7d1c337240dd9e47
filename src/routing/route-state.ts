import type { RoutingSettings } from "../model/route-settings.ts";
import type { Route } from "../model/snapshot.ts";
import { isTargetName } from "../model/target-name.ts";
import { AffinityMemory } from "./learnt/affinity-memory.ts";
import { LatencyQuantile } from "./learnt/latency-quantile.ts";
import { CallWindow } from "./retry/call-window.ts";
import { RetryBudget } from "./retry/retry-budget.ts";
import type { TierMemory } from "./strategies/strategy.ts";

const HEDGE_WINDOW_MS = 10_000;

/** What one route keeps between its calls. */
export class RouteState {
  readonly retryBudget: RetryBudget;
  /** Counts what hedges take, beside the retries. */
  readonly hedges = new CallWindow(HEDGE_WINDOW_MS);
  /** Copies of its calls that are under way at its shadow. */
  shadowsInFlight = 0;
  /** Copies that were not made for want of a place. */
  shadowsDropped = 0;
  readonly #memories: TierMemory[] = [];
  readonly #firstToken = { stream: new LatencyQuantile(), whole: new LatencyQuantile() };

  constructor(settings: () => Pick<RoutingSettings, "retryBudget">) {
    this.retryBudget = new RetryBudget(() => settings().retryBudget);
  }

  memoryOf(tier: number): TierMemory {
    const known = this.#memories[tier];
    if (known !== undefined) return known;
    const memory = { turn: 0, affinity: new AffinityMemory() };
    this.#memories[tier] = memory;
    return memory;
  }

  /** How long calls of this route wait for their first token; for answers that come whole, for all of it. */
  firstTokenOf(stream: boolean): LatencyQuantile {
    return stream ? this.#firstToken.stream : this.#firstToken.whole;
  }
}

/** The states of all routes, by their names: as many as configurations have had. */
export class RouteStates {
  readonly #settings: () => Pick<RoutingSettings, "retryBudget">;
  readonly #states = new Map<string, RouteState>();
  readonly #byRoute = new WeakMap<Route, RouteState>();

  constructor(settings: () => Pick<RoutingSettings, "retryBudget">) {
    this.#settings = settings;
  }

  of(route: Route): RouteState {
    return this.#byRoute.get(route) ?? this.#find(route);
  }

  /** Copies of a route's calls that were not made for want of a place. */
  shadowsDropped(alias: string): number {
    return this.#states.get(alias)?.shadowsDropped ?? 0;
  }

  #find(route: Route): RouteState {
    const name = stateName(route);
    const state = this.#states.get(name) ?? new RouteState(this.#settings);
    this.#states.set(name, state);
    this.#byRoute.set(route, state);
    return state;
  }
}

/** Clients name models as they like; calls that name a target and no route share what is kept by its provider. */
function stateName({ alias, arm }: Route): string {
  if (isTargetName(alias)) return alias.slice(0, alias.indexOf("/") + 1);
  return arm === undefined ? alias : `${alias}\n${arm}`;
}
