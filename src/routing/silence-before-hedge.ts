import type { HedgeSettings } from "../model/route-settings.ts";
import type { RouteState } from "./route-state.ts";

/** What most calls stay below is known from so many on. */
const LEAST_KNOWN = 20;
const MOST_CALLS = 0.95;

/** How long a first attempt may be silent before another is asked beside it; undefined where nobody knows yet. */
export function silenceBeforeHedge(
  { afterMs }: HedgeSettings,
  state: RouteState,
  stream: boolean,
): number | undefined {
  if (afterMs !== undefined) return afterMs;
  const waits = state.firstTokenOf(stream);
  return waits.total < LEAST_KNOWN ? undefined : waits.at(MOST_CALLS);
}
