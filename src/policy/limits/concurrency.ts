import type { Caller } from "../../model/caller.ts";
import { GatewayError } from "../../model/gateway-error.ts";

const RETRY_AFTER_MS = 1000;

/** What a caller was granted. Given back exactly once, however the call ends. */
export interface Admission {
  /** Gives back what was taken; a second time does nothing. */
  release(): void;
}

/**
 * Bounds the calls in flight: all of them together, and each key's own. Held in this thread; counted at admission and
 * given back by the call's one owner.
 */
export class ConcurrencyLimit {
  readonly #byKey = new Map<string, number>();
  readonly #maxTotal: number;
  #total = 0;

  constructor(maxTotal: number) {
    this.#maxTotal = maxTotal;
  }

  get inFlight(): number {
    return this.#total;
  }

  /** Takes a place for one call. Throws `overloaded` or `too_many_concurrent`, both with a time to come back. */
  admit(caller: Caller): Admission {
    if (this.#total >= this.#maxTotal) {
      throw new GatewayError("overloaded", { retryAfterMs: RETRY_AFTER_MS });
    }
    const held = this.#byKey.get(caller.keyId) ?? 0;
    if (caller.maxConcurrent !== undefined && held >= caller.maxConcurrent) {
      throw new GatewayError("too_many_concurrent", {
        message: `This key has ${held} calls in flight, as many as it may.`,
        retryAfterMs: RETRY_AFTER_MS,
      });
    }
    this.#total++;
    this.#byKey.set(caller.keyId, held + 1);
    return new HeldPlace(() => this.#release(caller.keyId));
  }

  #release(keyId: string): void {
    this.#total--;
    const held = (this.#byKey.get(keyId) ?? 1) - 1;
    if (held === 0) this.#byKey.delete(keyId);
    else this.#byKey.set(keyId, held);
  }
}

class HeldPlace implements Admission {
  #giveBack: (() => void) | undefined;

  constructor(giveBack: () => void) {
    this.#giveBack = giveBack;
  }

  release(): void {
    const giveBack = this.#giveBack;
    this.#giveBack = undefined;
    giveBack?.();
  }
}
