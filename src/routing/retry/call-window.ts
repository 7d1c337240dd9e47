/** How finely the window is kept. */
const SLOTS = 10;

/** Two counts over a sliding window: calls, and what was made beyond them. */
export class CallWindow {
  readonly #slotMs: number;
  readonly #calls = new Uint32Array(SLOTS);
  readonly #extras = new Uint32Array(SLOTS);
  #current = 0;

  constructor(windowMs: number) {
    this.#slotMs = windowMs / SLOTS;
  }

  /** A client's call. */
  called(nowMs: number): void {
    const slot = this.#slotAt(nowMs);
    this.#calls[slot] = (this.#calls[slot] ?? 0) + 1;
  }

  /** One more, if there are not too many: at most that share of the calls (0 to 1) and `floor` beyond it. */
  take(share: number, floor: number, nowMs: number): boolean {
    const slot = this.#slotAt(nowMs);
    if (sum(this.#extras) + 1 > share * sum(this.#calls) + floor) return false;
    this.#extras[slot] = (this.#extras[slot] ?? 0) + 1;
    return true;
  }

  #slotAt(nowMs: number): number {
    const number = Math.floor(nowMs / this.#slotMs);
    const gone = Math.min(SLOTS, number - this.#current);
    for (let step = 0; step < gone; step++) {
      this.#calls[(number - step) % SLOTS] = 0;
      this.#extras[(number - step) % SLOTS] = 0;
    }
    // A clock that was set back counts into the slot that it left.
    if (gone > 0) this.#current = number;
    return this.#current % SLOTS;
  }
}

function sum(counts: Uint32Array): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
