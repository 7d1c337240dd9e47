import type { LimitReading } from "./rate-limit-headers.ts";

/** A limit without a known reset is taken to be new after a minute, as most are. */
const USUAL_RESET_MS = 60_000;

/** One limit of a credential, as the provider's last answer told of it, and what was sent since. */
export class KnownLimit {
  #remaining = 0;
  #limit: number | undefined;
  #readAtMs = 0;
  #resetMs = 0;
  /** True where it fills up bit by bit, false where all comes back at once, undefined before that is known. */
  #refills: boolean | undefined;

  /** `sentSince`: units of calls begun after the one that was answered. */
  read({ remaining, limit, resetMs = USUAL_RESET_MS }: LimitReading, sentSince: number, nowMs: number): void {
    // As less remains, the time until all is there again grows in a bucket, and shrinks in a window.
    if (remaining < this.#remaining && limit === this.#limit) this.#refills = resetMs > this.#resetMs;
    this.#remaining = remaining - sentSince;
    this.#limit = limit;
    this.#resetMs = resetMs;
    this.#readAtMs = nowMs;
  }

  /** A call was begun. */
  take(units: number): void {
    this.#remaining -= units;
  }

  /** Units that are taken to be left now; infinite once it has begun anew. */
  left(nowMs: number): number {
    const elapsedMs = nowMs - this.#readAtMs;
    if (elapsedMs >= this.#resetMs) return this.#limit ?? Number.POSITIVE_INFINITY;
    if (this.#refills !== true || this.#limit === undefined) return this.#remaining;
    return this.#remaining + (this.#limit - this.#remaining) * (elapsedMs / this.#resetMs);
  }

  /** The share of the limit that is left, from 0 to 1; 1 where the limit isn't known. */
  share(nowMs: number): number {
    if (this.#limit === undefined || this.#limit === 0) return this.left(nowMs) > 0 ? 1 : 0;
    return Math.min(1, Math.max(0, this.left(nowMs) / this.#limit));
  }

  /** When all of it is there again. */
  get resetsAtMs(): number {
    return this.#readAtMs + this.#resetMs;
  }
}
