/** Each bucket ends a sixth above the one before: 96 of them reach from 1 ms to nearly two hours. */
const GROWTH = 1.18;
const BUCKETS = 96;
/** At so many values all are halved, so that the old ones fade. */
const FADES_AT = 1024;

/** A running quantile of durations, to within a sixth: what a hedge waits for. Memory and time are constant. */
export class LatencyQuantile {
  readonly #counts = new Float64Array(BUCKETS);
  #total = 0;

  /** How many values it rests on. */
  get total(): number {
    return this.#total;
  }

  add(ms: number): void {
    const bucket = Math.ceil(Math.log(Math.max(1, ms)) / Math.log(GROWTH));
    this.#counts[Math.min(bucket, BUCKETS - 1)] = (this.#counts[Math.min(bucket, BUCKETS - 1)] ?? 0) + 1;
    this.#total++;
    if (this.#total >= FADES_AT) this.#fade();
  }

  /** The duration that a share of the values (0 to 1) does not exceed; undefined where there are none. */
  at(share: number): number | undefined {
    if (this.#total === 0) return undefined;
    let below = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      below += this.#counts[bucket] ?? 0;
      if (below >= share * this.#total) return GROWTH ** bucket;
    }
    return GROWTH ** (BUCKETS - 1);
  }

  #fade(): void {
    this.#total = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const halved = (this.#counts[bucket] ?? 0) / 2;
      this.#counts[bucket] = halved;
      this.#total += halved;
    }
  }
}
