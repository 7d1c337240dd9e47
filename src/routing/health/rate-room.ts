import { KnownLimit } from "./known-limit.ts";
import type { LimitedBy, LimitReading } from "./rate-limit-headers.ts";

/** Calls whose order is remembered, to know which of them an answer has not counted. */
const MAX_REMEMBERED = 512;

interface Sent {
  readonly number: number;
  readonly tokens: number;
}

/**
 * How much room the provider's own rate limits leave to a credential for a model. Each answer tells; what was sent after
 * the call that it answers is taken off, since the provider could not have counted it.
 */
export class RateRoom {
  readonly #limits = new Map<LimitedBy, KnownLimit>();
  #sent: Sent[] = [];
  #next = 0;
  #newestRead = -1;
  #refusedUntilMs = 0;

  /** Whether the length of a prompt makes a difference. */
  get countsTokens(): boolean {
    return this.#limits.size > 0 && (this.#limits.has("tokens") || this.#limits.has("input-tokens"));
  }

  /** A call is sent, with so many tokens of input. Gives its number. */
  begin(tokens: number): number {
    const number = this.#next++;
    if (this.#limits.size === 0) return number;
    this.#sent.push({ number, tokens });
    if (this.#sent.length > MAX_REMEMBERED) this.#sent.shift();
    for (const [unit, limit] of this.#limits) limit.take(unitsOf(unit, tokens));
    return number;
  }

  /** What the answer to a call said. Answers may overtake each other: what an older one says is old. */
  heard(number: number, readings: readonly LimitReading[], nowMs: number): void {
    if (number < this.#newestRead || readings.length === 0) return;
    this.#newestRead = number;
    this.#sent = this.#sent.filter((sent) => sent.number > number);
    for (const reading of readings) {
      const limit = this.#limits.get(reading.unit) ?? new KnownLimit();
      this.#limits.set(reading.unit, limit);
      const since = this.#sent.reduce((sum, { tokens }) => sum + unitsOf(reading.unit, tokens), 0);
      limit.read(reading, since, nowMs);
    }
  }

  /** The provider has refused a call for its rate: none is sent before then. */
  refuseUntil(atMs: number): void {
    this.#refusedUntilMs = Math.max(this.#refusedUntilMs, atMs);
  }

  /** Until when there is no room for a call of so many tokens; undefined where there is room now. */
  fullUntilMs(tokens: number, nowMs: number): number | undefined {
    let untilMs = this.#refusedUntilMs > nowMs ? this.#refusedUntilMs : undefined;
    if (this.#limits.size === 0) return untilMs;
    for (const [unit, limit] of this.#limits) {
      if (limit.left(nowMs) >= unitsOf(unit, tokens)) continue;
      untilMs = Math.max(untilMs ?? 0, limit.resetsAtMs);
    }
    return untilMs;
  }

  /** The share that is left of the limit which is nearest to its end, from 0 to 1. */
  share(nowMs: number): number {
    let least = 1;
    for (const limit of this.#limits.values()) least = Math.min(least, limit.share(nowMs));
    return least;
  }
}

/** A request counts one; of output nobody knows before it is there. */
function unitsOf(unit: LimitedBy, tokens: number): number {
  switch (unit) {
    case "requests":
    case "output-tokens":
      return 1;
    case "tokens":
    case "input-tokens":
      return tokens;
  }
}
