/** How finely a window is kept. */
const SLOTS = 10;
const STRIDE = 3;

/** How calls of the last while ended. */
export interface OutcomeCounts {
  readonly calls: number;
  readonly failed: number;
  readonly slow: number;
}

/** Counts outcomes over a sliding window, in ten slots that are used again and again. */
export class OutcomeWindow {
  readonly lengthMs: number;
  readonly #slotMs: number;
  /** Per slot: calls, failed, slow. */
  readonly #counts = new Uint32Array(SLOTS * STRIDE);
  #current = 0;

  constructor(windowMs: number) {
    this.lengthMs = windowMs;
    this.#slotMs = windowMs / SLOTS;
  }

  add(outcome: "ok" | "failed" | "slow", nowMs: number): void {
    const at = this.#slotAt(nowMs);
    this.#count(at);
    if (outcome === "failed") this.#count(at + 1);
    if (outcome === "slow") this.#count(at + 2);
  }

  counts(nowMs: number): OutcomeCounts {
    this.#slotAt(nowMs);
    let calls = 0;
    let failed = 0;
    let slow = 0;
    for (let at = 0; at < this.#counts.length; at += STRIDE) {
      calls += this.#counts[at] ?? 0;
      failed += this.#counts[at + 1] ?? 0;
      slow += this.#counts[at + 2] ?? 0;
    }
    return { calls, failed, slow };
  }

  clear(): void {
    this.#counts.fill(0);
  }

  #count(at: number): void {
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
  }

  /** Where the counts of this moment are; empties the slots that time has gone over. */
  #slotAt(nowMs: number): number {
    const number = Math.floor(nowMs / this.#slotMs);
    const gone = Math.min(SLOTS, number - this.#current);
    for (let step = 0; step < gone; step++) {
      const slot = (number - step) % SLOTS;
      this.#counts.fill(0, slot * STRIDE, (slot + 1) * STRIDE);
    }
    // A clock that was set back counts into the slot that it left.
    if (gone > 0) this.#current = number;
    return (this.#current % SLOTS) * STRIDE;
  }
}
