const PROBE_MS = 50;
const KEPT_PROBES = 200;

/** How late timers fire: what a request waits because something else holds the thread. */
export class EventLoopDelay {
  readonly #delays: number[] = [];
  readonly #timer: Timer;
  #dueMs = performance.now() + PROBE_MS;

  constructor() {
    this.#timer = setInterval(() => this.#probe(performance.now()), PROBE_MS);
    this.#timer.unref();
  }

  /** The worst delay of the last ten seconds, in milliseconds. */
  worstMs(): number {
    return Math.max(0, ...this.#delays);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #probe(nowMs: number): void {
    this.#delays.push(Math.max(0, nowMs - this.#dueMs));
    if (this.#delays.length > KEPT_PROBES) this.#delays.shift();
    this.#dueMs = nowMs + PROBE_MS;
  }
}
