const TICK_MS = 100;

/** Something that wants to know, now and then, what time it is. */
export interface Ticked {
  /** `nowMs` is on the clock of `performance.now()`. */
  tick(nowMs: number): void;
}

/**
 * One timer for all calls in flight. A timer per call, moved at every token, would cost more than the call; limits of
 * seconds bear being checked ten times a second.
 */
export class Ticker {
  readonly #members = new Set<Ticked>();
  #timer: Timer | undefined;
  /** The time of the last tick: exact to `TICK_MS`, free to read. */
  nowMs = performance.now();

  start(): void {
    this.#timer ??= setInterval(() => this.tick(performance.now()), TICK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  add(member: Ticked): void {
    this.#members.add(member);
  }

  remove(member: Ticked): void {
    this.#members.delete(member);
  }

  /** Tells every member the time. Called by the timer; tests call it with a time of their own. */
  tick(nowMs: number): void {
    this.nowMs = nowMs;
    for (const member of this.#members) member.tick(nowMs);
  }
}
