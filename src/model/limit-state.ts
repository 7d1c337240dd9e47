import type { LimitedUnit } from "./policy.ts";

/** How one rate limit stands, for the headers that tell it. */
export interface LimitState {
  readonly unit: LimitedUnit;
  readonly limit: number;
  readonly remaining: number;
  /** Until all that was taken has come free. */
  readonly resetMs: number;
}
