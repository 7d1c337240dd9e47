import type { GatewayError } from "../../model/gateway-error.ts";
import type { RetrySettings } from "../../model/route-settings.ts";
import { backoffMs, wasNotSent } from "./may-retry.ts";

/** A provider that is asked again after it has refused a call for its rate is asked a little later than it said. */
const LATER_MS = 100;

/**
 * How long to wait before the same target is asked again, where it can't have carried the call out: it was not reached,
 * or it has said when to come back. Undefined where it may not be asked again, or not so soon. `random` gives numbers in
 * [0, 1).
 */
export function repeatAfterMs(
  failure: GatewayError,
  retries: RetrySettings,
  random: () => number,
): number | undefined {
  if (wasNotSent(failure)) return backoffMs(0, retries, random());
  if (failure.errorClass !== "rate_limit" || failure.retryAfterMs === undefined) return undefined;
  const waitMs = failure.retryAfterMs + LATER_MS * random();
  return waitMs <= retries.maxWaitMs ? waitMs : undefined;
}
