import type { Condition } from "./condition.ts";

/** How a tier of a route may choose among its targets. */
export const STRATEGIES = [
  "priority",
  "weighted",
  "round-robin",
  "least-in-flight",
  "lowest-latency",
  "cheapest",
  "cache-affinity",
  "sticky",
] as const;

export type StrategyId = (typeof STRATEGIES)[number];

/** What calls have in common that shall go to the same place. */
export type Together =
  | { readonly by: "key" | "project" | "end-user" | "conversation" | "call" }
  | { readonly by: "header"; readonly name: string }
  | { readonly by: "tag"; readonly name: string };

/** Targets of one rank. Those of the next are asked when these can't answer. */
export interface Tier {
  readonly strategy: StrategyId;
  /** For `sticky` and `cache-affinity`: which calls belong together. */
  readonly together: Together;
  /** For `cache-affinity`: how long the providers' caches live after their last use. */
  readonly cacheMs: number;
  readonly when?: Condition;
}

/** What is done when a target fails: mostly before anything has reached the client. */
export interface RetrySettings {
  /** Calls upstream that one call may take, the first included. */
  readonly maxAttempts: number;
  /** The first wait before the same target is asked again; it doubles. */
  readonly backoffMs: number;
  /** The longest wait before another attempt, whether the gateway or a provider's Retry-After asks for it. */
  readonly maxWaitMs: number;
  /** Whether a refusal of the content filter's or the model's own is tried elsewhere too. */
  readonly refusals: boolean;
  /** Whether a stream that breaks off after it has begun is gone on with by another target, where one can. */
  readonly continueStreams: boolean;
}

/** A second attempt while the first is silent. */
export interface HedgeSettings {
  /** At most so many calls of a hundred are made twice. */
  readonly percent: number;
  /** How long the first may be silent. Absent: as long as 95 % of the route's calls are. */
  readonly afterMs?: number;
}

/** When a target is taken out, and for how long. */
export interface HealthSettings {
  /** So many failures in a row take it out. */
  readonly consecutiveFailures: number;
  /** Or so many of a hundred within the window. */
  readonly failurePercent: number;
  readonly windowMs: number;
  /** Fewer calls within the window say nothing about a share. */
  readonly minCalls: number;
  /**
   * An answer whose first token takes longer counts as slow; a target of which `failurePercent` are slow is taken out
   * too. Absent: none is slow.
   */
  readonly slowMs?: number;
  /** How long it is out the first time; each time after doubles it. */
  readonly openMs: number;
  readonly maxOpenMs: number;
  /** How often providers of routes are asked whether they are there, by a request that costs nothing. Absent: never. */
  readonly probeEveryMs?: number;
}

/** Timeouts of a route, where they differ from the provider's. */
export interface TimeoutOverrides {
  readonly connectMs?: number;
  readonly firstByteMs?: number;
  readonly betweenBytesMs?: number;
  readonly totalMs?: number;
}

/** When a canary is given up by itself. */
export interface RollbackSettings {
  /** The chance, of one, that a canary which is no worse is given up. */
  readonly falseAlarm: number;
  /** Slowness that is borne: 0.1 for a tenth. */
  readonly tolerance: number;
}

/** All that a route says beside its targets. */
export interface RouteSettings {
  readonly retries: RetrySettings;
  readonly hedge?: HedgeSettings;
  readonly timeouts?: TimeoutOverrides;
}

/** Bounds on retries, per route. */
export interface RetryBudgetSettings {
  /** Retries may be so many of a hundred of the calls of the last ten seconds. */
  readonly percent: number;
  /** And so many more in ten seconds. */
  readonly floor: number;
}

/** Waiting for a place where a provider or a key has a bound on calls at once. */
export interface QueueSettings {
  /** Calls that may wait for one provider's key. */
  readonly length: number;
  readonly waitMs: number;
}

/** What holds for all routes. */
export interface RoutingSettings {
  readonly health: HealthSettings;
  readonly retryBudget: RetryBudgetSettings;
  readonly queue: QueueSettings;
  /** Projects whose calls may ask why a target was chosen. */
  readonly explainTo: readonly string[];
}
