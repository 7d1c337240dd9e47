import { GatewayError } from "../../model/gateway-error.ts";

const TICK_MS = 100;

interface Deadline {
  readonly atMs: number;
  readonly expire: (failure: GatewayError) => void;
}

/**
 * Many deadlines on one timer, exact to a tenth of a second: nearly all are removed long before they are due, and a
 * timer of its own for each costs several times as much. The timer runs while there are any.
 */
export class Deadlines {
  readonly #waiting = new Set<Deadline>();
  #timer: Timer | undefined;

  /** `expire` is called once with `request_timeout`, `afterMs` from now, unless the deadline is removed before. */
  add(afterMs: number, expire: (failure: GatewayError) => void): Deadline {
    const deadline = { atMs: performance.now() + afterMs, expire };
    this.#waiting.add(deadline);
    this.#timer ??= setInterval(() => this.#tick(performance.now()), TICK_MS);
    return deadline;
  }

  remove(deadline: Deadline): void {
    this.#waiting.delete(deadline);
  }

  #tick(nowMs: number): void {
    for (const deadline of this.#waiting) {
      if (deadline.atMs > nowMs) continue;
      this.#waiting.delete(deadline);
      deadline.expire(new GatewayError("request_timeout"));
    }
    if (this.#waiting.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
