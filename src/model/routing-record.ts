/** Which way a request took, and why: kept with its row. */
export interface RoutingRecord {
  /** In the order in which they were tried. */
  readonly tried: readonly TriedTarget[];
  /** Targets of the route that were not tried, and why, as the rest of a sentence about them. */
  readonly passedOver: readonly PassedOverTarget[];
  /** Why nothing further was tried, where something was left. */
  readonly stopped?: "attempts" | "retry-budget";
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
}

/** A target that was not tried. */
export interface PassedOverTarget {
  readonly target: string;
  readonly because: string;
}
