/** How long a credential rests that was refused, the first time; each time after doubles it. */
const FIRST_REST_MS: { readonly [R in CredentialRefusal]: number } = { auth: 30_000, quota: 60_000 };
const LONGEST_REST_MS = 900_000;

/** Why a provider refuses a credential itself, rather than a call. */
export type CredentialRefusal = "auth" | "quota";

/** One key of a provider: whether it is taken at all, and how many calls it carries. */
export class CredentialState {
  inFlight = 0;
  #restsUntilMs = 0;
  #refusals = 0;
  #why: CredentialRefusal = "auth";

  /** Its provider took it. */
  taken(): void {
    this.#refusals = 0;
    this.#restsUntilMs = 0;
  }

  /** It is no good for now: its other models are spared the same answer. */
  refused(why: CredentialRefusal, retryAfterMs: number | undefined, nowMs: number): void {
    // Calls that were under way together are refused together, and count as one.
    if (nowMs < this.#restsUntilMs) return;
    const restMs = Math.min(FIRST_REST_MS[why] * 2 ** Math.min(this.#refusals, 10), LONGEST_REST_MS);
    this.#refusals++;
    this.#why = why;
    this.#restsUntilMs = nowMs + Math.max(restMs, retryAfterMs ?? 0);
  }

  /** Until when it rests, and why; undefined where it doesn't. */
  rest(nowMs: number): { readonly why: CredentialRefusal; readonly untilMs: number } | undefined {
    return nowMs < this.#restsUntilMs ? { why: this.#why, untilMs: this.#restsUntilMs } : undefined;
  }
}
