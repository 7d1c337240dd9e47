/** How finely a window is kept: at most this many stretches, whatever passes through it. */
const STRETCHES = 4096;

/** Units taken in one stretch of time. */
interface Stretch {
  readonly number: number;
  units: number;
}

/**
 * A rate limit as a sliding window: in no window of `windowMs`, wherever it begins, are more than `limit` units taken.
 *
 * Not GCRA or a token bucket, which is cheaper, because that lets twice the limit pass in one window (a full bucket,
 * then its refill), and whoever says "100 a minute" means no minute with more. Time is kept in stretches of a 4096th of
 * the window, so memory is bounded; what is taken counts until its whole stretch has left the window, so the limit is
 * never exceeded, and a unit comes free at most that 4096th late.
 */
export class SlidingWindow {
  readonly windowMs: number;
  readonly #stretchMs: number;
  #limit: number;
  #stretches: Stretch[] = [];
  #used = 0;

  constructor(limit: number, windowMs: number) {
    this.#limit = limit;
    this.windowMs = windowMs;
    this.#stretchMs = windowMs / STRETCHES;
  }

  get limit(): number {
    return this.#limit;
  }

  /** A policy was changed: what was taken stays taken. */
  set limit(limit: number) {
    this.#limit = limit;
  }

  /** Units that can be taken now. */
  remaining(nowMs: number): number {
    this.#expire(nowMs);
    return Math.max(0, this.#limit - this.#used);
  }

  /** Milliseconds until so many units can be taken; 0 where they can be now, infinite where they never can. */
  waitMs(units: number, nowMs: number): number {
    this.#expire(nowMs);
    if (units > this.#limit) return Number.POSITIVE_INFINITY;
    let over = this.#used + units - this.#limit;
    if (over <= 0) return 0;
    for (const stretch of this.#stretches) {
      over -= stretch.units;
      if (over <= 0) return this.#endsMs(stretch.number) - nowMs;
    }
    return this.windowMs;
  }

  /** Milliseconds until all that was taken has come free. */
  resetMs(nowMs: number): number {
    this.#expire(nowMs);
    const last = this.#stretches.at(-1);
    return last === undefined ? 0 : this.#endsMs(last.number) - nowMs;
  }

  /** Takes units, whether there is room or not: whoever asks first knows. Gives what `correct` needs. */
  take(units: number, nowMs: number): number {
    this.#expire(nowMs);
    const number = Math.floor(nowMs / this.#stretchMs);
    const last = this.#stretches.at(-1);
    // A clock that was set back must not put a stretch out of order.
    if (last !== undefined && last.number >= number) {
      last.units += units;
      this.#used += units;
      return last.number;
    }
    this.#stretches.push({ number, units });
    this.#used += units;
    return number;
  }

  /** The truth about what was taken under that number: so many units more, or fewer. Nothing where it has left. */
  correct(number: number, difference: number): void {
    const stretch = this.#stretches.find((one) => one.number === number);
    if (stretch === undefined) return;
    const changed = Math.max(0, stretch.units + difference);
    this.#used += changed - stretch.units;
    stretch.units = changed;
  }

  #endsMs(number: number): number {
    return (number + 1) * this.#stretchMs + this.windowMs;
  }

  #expire(nowMs: number): void {
    let gone = 0;
    for (const stretch of this.#stretches) {
      if (this.#endsMs(stretch.number) > nowMs) break;
      this.#used -= stretch.units;
      gone++;
    }
    if (gone > 0) this.#stretches = this.#stretches.slice(gone);
  }
}
