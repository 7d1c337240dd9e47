/** The least weight of a new value: the mean forgets in about ten values. */
const LEAST_WEIGHT = 0.15;
/** Values this old count for nothing against a new one. */
const MEMORY_MS = 15_000;

/** A mean in which new values count more than old ones, by number and by age. */
export class DecayingMean {
  #mean = 0;
  #count = 0;
  #lastMs = 0;

  /** How many values it has taken. */
  get count(): number {
    return this.#count;
  }

  /** When it took the last, as its giver counts time. */
  get lastMs(): number {
    return this.#lastMs;
  }

  /** The mean; undefined before the first value. */
  get value(): number | undefined {
    return this.#count === 0 ? undefined : this.#mean;
  }

  add(value: number, nowMs: number): void {
    const age = Math.max(0, nowMs - this.#lastMs);
    const weight = this.#count === 0 ? 1 : Math.max(LEAST_WEIGHT, 1 - Math.exp(-age / MEMORY_MS));
    this.#mean += (value - this.#mean) * weight;
    this.#count++;
    this.#lastMs = nowMs;
  }

  /** What was measured is at least this: only a mean below it learns from that. */
  addAtLeast(value: number, nowMs: number): void {
    if (this.#count === 0 || value > this.#mean) this.add(value, nowMs);
  }
}
