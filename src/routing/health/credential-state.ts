import { QueueForPlaces } from "../queue-for-places.ts";

/** How long a credential rests that was refused, the first time; each time after doubles it. */
const FIRST_REST_MS: { readonly [R in CredentialRefusal]: number } = { auth: 30_000, quota: 60_000 };
const LONGEST_REST_MS = 900_000;

/** Why a provider refuses a credential itself, rather than a call. */
export type CredentialRefusal = "auth" | "quota";

/** One key of a provider: whether it is taken at all, how many calls it carries, and which wait for it. */
export class CredentialState {
  readonly #queue = new QueueForPlaces();
  #inFlight = 0;
  #maxInFlight: number | undefined;
  #secret: string | undefined;
  #restsUntilMs = 0;
  #refusals = 0;
  #why: CredentialRefusal = "auth";

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Calls that wait for a place. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** True where it carries as many calls as it may. */
  get isFull(): boolean {
    return this.#maxInFlight !== undefined && this.#inFlight >= this.#maxInFlight;
  }

  /** What the configuration in force says of it. Another secret under the same name is another credential. */
  configure(secret: string | undefined, maxInFlight: number | undefined): void {
    if (secret !== this.#secret) this.taken();
    this.#secret = secret;
    this.#maxInFlight = maxInFlight;
    this.#serve();
  }

  /** A call begins with it, if there is a place and nobody waits for one. */
  enter(): boolean {
    if (this.isFull || this.#queue.length > 0) return false;
    this.#inFlight++;
    return true;
  }

  /** Waits for a place, which is held once `take` is called. Gives what leaves the line before that. */
  lineUp(project: string, take: () => void): () => void {
    return this.#queue.add(project, () => {
      this.#inFlight++;
      take();
    });
  }

  /** A place is given back. */
  leave(): void {
    this.#inFlight--;
    this.#serve();
  }

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

  #serve(): void {
    while (!this.isFull && this.#queue.serve());
  }
}
