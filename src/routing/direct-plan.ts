import type { RouteSettings } from "../model/route-settings.ts";
import type { Target } from "../model/snapshot.ts";
import type { Choice, FailedChoice, Plan } from "./plan.ts";
import { wasNoCall } from "./retry/may-retry.ts";
import { repeatAfterMs } from "./retry/repeat.ts";
import type { RouteState } from "./route-state.ts";
import type { RoutingState } from "./routing-state.ts";

/**
 * The plan of a call that leaves nothing to choose. Most calls are of this kind, so it weighs nothing: the one target is
 * asked whatever state it is in, and once more where it can't have carried the call out.
 */
export class DirectPlan implements Plan {
  readonly #target: Target;
  readonly #settings: RouteSettings;
  readonly #state: RoutingState;
  readonly #routeState: RouteState;
  #attempts = 1;

  constructor(target: Target, settings: RouteSettings, routeState: RouteState, state: RoutingState) {
    this.#target = target;
    this.#settings = settings;
    this.#state = state;
    this.#routeState = routeState;
  }

  first(): Choice {
    this.#routeState.retryBudget.called(this.#state.clock());
    return { target: this.#target, state: this.#state.targets.of(this.#target), reason: "first", waitMs: 0 };
  }

  after([failed]: readonly FailedChoice[]): Choice | undefined {
    const { retries } = this.#settings;
    if (failed === undefined) return undefined;
    const { choice, failure } = failed;
    if (wasNoCall(failure) || this.#attempts > 1 || retries.maxAttempts < 2) return undefined;
    const waitMs = repeatAfterMs(failure, retries, this.#state.random);
    if (waitMs === undefined || !this.#routeState.retryBudget.take(this.#state.clock())) return undefined;
    this.#attempts++;
    return { ...choice, reason: "repeat", waitMs };
  }

  /** There is no other, and none is asked twice for what it may have done. */
  continued(): undefined {
    return undefined;
  }

  beside(): undefined {
    return undefined;
  }

  record(): undefined {
    return undefined;
  }
}
