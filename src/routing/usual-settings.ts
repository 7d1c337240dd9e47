import type { RetrySettings, RouteSettings, Tier } from "../model/route-settings.ts";

/** What holds where a route says nothing about retries. */
export const USUAL_RETRIES: RetrySettings = Object.freeze({
  maxAttempts: 5,
  backoffMs: 100,
  maxWaitMs: 1000,
  refusals: false,
  continueStreams: false,
});

/** What holds where a route says nothing at all, and for calls that name no route. */
export const USUAL_SETTINGS: RouteSettings = Object.freeze({
  retries: USUAL_RETRIES,
});

const MINUTES_5_MS = 300_000;

/** A tier that says nothing but its targets. */
export const USUAL_TIER: Tier = Object.freeze({
  strategy: "priority",
  together: Object.freeze({ by: "conversation" }),
  cacheMs: MINUTES_5_MS,
});
