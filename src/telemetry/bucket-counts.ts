/** Upper bounds of the buckets that durations are counted in, in seconds. */
export const BUCKET_SECONDS: readonly number[] = [
  0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300,
];

/** Counts durations by bucket: what a Prometheus histogram holds for one set of labels. */
export class BucketCounts {
  readonly #counts = new Float64Array(BUCKET_SECONDS.length + 1);
  sumSeconds = 0;
  count = 0;

  observe(seconds: number): void {
    this.sumSeconds += seconds;
    this.count++;
    let bucket = 0;
    while (bucket < BUCKET_SECONDS.length && seconds > (BUCKET_SECONDS[bucket] ?? 0)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  /** How many were at most as long as each bound, in the bounds' order. */
  cumulative(): number[] {
    let total = 0;
    return BUCKET_SECONDS.map((_, bucket) => {
      total += this.#counts[bucket] ?? 0;
      return total;
    });
  }
}
