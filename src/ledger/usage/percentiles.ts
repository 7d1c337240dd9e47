import type { DurationSketch } from "../../storage/rollups/duration-sketch.ts";

/** The smallest duration that at least so many percent don't exceed; undefined where there is none. */
export interface Percentiles {
  readonly p50: number | undefined;
  readonly p90: number | undefined;
  readonly p95: number | undefined;
  readonly p99: number | undefined;
}

/** The percentiles that are shown of any durations, in whole milliseconds. */
export function percentilesOf(sketch: DurationSketch): Percentiles {
  return {
    p50: sketch.percentile(50),
    p90: sketch.percentile(90),
    p95: sketch.percentile(95),
    p99: sketch.percentile(99),
  };
}
