import type { RoutingSettings } from "../../model/route-settings.ts";
import type { Configuration } from "../configuration/schema.ts";

/** What holds for all routes. */
export function compileRouting({
  health,
  retry_budget: retryBudget,
  queue,
  explain_to_projects: explainTo,
}: Configuration["routing"]): RoutingSettings {
  return Object.freeze({
    health: Object.freeze({
      consecutiveFailures: health.consecutive_failures,
      failurePercent: health.failure_percent,
      windowMs: health.window_ms,
      minCalls: health.min_calls,
      ...(health.slow_ms === undefined ? {} : { slowMs: health.slow_ms }),
      openMs: health.open_ms,
      maxOpenMs: health.max_open_ms,
      ...(health.probe_every_ms === undefined ? {} : { probeEveryMs: health.probe_every_ms }),
    }),
    retryBudget: Object.freeze(retryBudget),
    queue: Object.freeze({ length: queue.length, waitMs: queue.wait_ms }),
    explainTo: Object.freeze(explainTo),
  });
}
