import type { Need } from "./condition.ts";

/** Which way a request took, and why: kept with its row. */
export interface RoutingRecord {
  /** In the order in which they were tried. */
  readonly tried: readonly TriedTarget[];
  /** Targets of the route that were not tried, and why, as the rest of a sentence about them. */
  readonly passedOver: readonly PassedOverTarget[];
  /** Why nothing further was tried, where something was left. */
  readonly stopped?: "attempts" | "retry-budget";
  /** When the first was chosen, on routing's clock: milliseconds since 1970, with their fraction. */
  readonly atMs?: number;
  /** What was measured of the request to choose by. Absent where nothing had to be. */
  readonly facts?: MeasuredFacts;
  /** How the calls upstream went, in the order of their ends. */
  readonly calls?: readonly RoutedCall[];
}

/** A target that was tried. */
export interface TriedTarget {
  readonly target: string;
  /** The name of the credential, where there are several. */
  readonly credential?: string;
  /** From 0. */
  readonly tier: number;
  readonly reason: string;
  /** What the strategy made of it, the lowest first; absent where there was nothing to compare. */
  readonly score?: number;
  /** How many calls its tier had begun before, where that decides. */
  readonly turn?: number;
}

/** A target that was not tried. */
export interface PassedOverTarget {
  readonly target: string;
  readonly because: string;
  /** True where it was for the state that it was in. */
  readonly rests?: true;
}

/**
 * What routes go by of a request that is worked out only where one of them asks: kept as it was found, so that the same
 * choice can be made again.
 */
export interface MeasuredFacts {
  readonly inputTokens?: number;
  readonly maxOutputTokens?: number;
  readonly needs?: readonly Need[];
  readonly conversation?: string;
  readonly cacheMs?: number;
  /** Digests of the values of headers, by their lower-case names. */
  readonly headers?: { readonly [name: string]: string };
}

/** How one call upstream went, in milliseconds with their fraction: rows round them, and order may hang on less. */
export interface RoutedCall {
  /** The attempt's: 1 for the first. */
  readonly ordinal: number;
  /** Its beginning, since the first target was chosen. */
  readonly afterMs: number;
  readonly firstTokenMs?: number;
  readonly totalMs: number;
  /** When the provider said to come back. */
  readonly retryAfterMs?: number;
}
