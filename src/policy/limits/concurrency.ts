import type { Caller } from "../../model/caller.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import type { ScopedPolicy } from "../../model/policy.ts";

const RETRY_AFTER_MS = 1000;
const NOBODY: readonly string[] = [];

/**
 * Bounds the calls in flight: all of them together, and those of each project, key and token that has a bound. Held in
 * this thread; counted at admission and given back by the call's one owner.
 */
export class ConcurrencyLimit {
  readonly #held = new Map<string, number>();
  #maxTotal: number;
  #total = 0;

  constructor(maxTotal: number) {
    this.#maxTotal = maxTotal;
  }

  /** Another bound on all of them together; those in flight keep their places. */
  set maxTotal(maxTotal: number) {
    this.#maxTotal = maxTotal;
  }

  get inFlight(): number {
    return this.#total;
  }

  /** Takes a place for one call. Throws `overloaded` or `too_many_concurrent`, both with a time to come back. */
  admit({ policies }: Caller): HeldPlace {
    if (this.#total >= this.#maxTotal) {
      throw new GatewayError("overloaded", { retryAfterMs: RETRY_AFTER_MS });
    }
    const names = this.#boundedNames(policies);
    for (const name of names) this.#held.set(name, (this.#held.get(name) ?? 0) + 1);
    this.#total++;
    return new HeldPlace(this, names);
  }

  /** Whose calls are counted; refuses where one has as many as it may. */
  #boundedNames(policies: readonly ScopedPolicy[]): readonly string[] {
    let names: string[] | undefined;
    for (const { scope, id, policy } of policies) {
      const { maxConcurrent } = policy;
      if (maxConcurrent === undefined) continue;
      const name = `${scope} ${id}`;
      const held = this.#held.get(name) ?? 0;
      if (held >= maxConcurrent) {
        throw new GatewayError("too_many_concurrent", {
          message: `The ${scope} "${id}" has ${held} calls in flight, as many as it may.`,
          retryAfterMs: RETRY_AFTER_MS,
        });
      }
      names = [...(names ?? []), name];
    }
    return names ?? NOBODY;
  }

  /** Gives a place back; for the one who holds it. */
  release(names: readonly string[]): void {
    this.#total--;
    for (const name of names) {
      const held = (this.#held.get(name) ?? 1) - 1;
      if (held === 0) this.#held.delete(name);
      else this.#held.set(name, held);
    }
  }
}

/** A place among the calls in flight. */
export class HeldPlace {
  #limit: ConcurrencyLimit | undefined;
  readonly #names: readonly string[];

  constructor(limit: ConcurrencyLimit, names: readonly string[]) {
    this.#limit = limit;
    this.#names = names;
  }

  /** Gives it back; a second time does nothing. */
  release(): void {
    const limit = this.#limit;
    this.#limit = undefined;
    limit?.release(this.#names);
  }
}
