import { GatewayError } from "../model/gateway-error.ts";
import type { Timeouts, Upstream } from "../model/snapshot.ts";
import { AttemptGuard } from "./attempt-guard.ts";
import type { Ticked, Ticker } from "./ticker.ts";

/** Who waits for a call's answer. */
export interface Client {
  /** Aborted when it leaves. */
  clientSignal(): AbortSignal;
}

const NEVER = new AbortController().signal;

/** Where there is no client, or none whose leaving ends the call. */
export const NOBODY: Client = { clientSignal: () => NEVER };

/**
 * Watches over one call: its time in all, whether its client is still there, how long that has heard nothing. Each
 * attempt that is under way has a guard of its own, for the limits of its phases; when the call is given up, so are they.
 * Everything is checked at the shared tick, so a short call pays for none of it.
 */
export class CallGuard implements Ticked {
  readonly ticker: Ticker;
  readonly #client: Client;
  readonly #startedAtMs = performance.now();
  #watchedSignal: AbortSignal | undefined;
  #clientLeft: (() => void) | undefined;
  /** The attempts under way: one, or two where the first is hedged. */
  #attempt: AttemptGuard | undefined;
  #second: AttemptGuard | undefined;
  #deadlineMs = Number.POSITIVE_INFINITY;
  /** The same, of a client that only waits for the answer's head. */
  #headDeadlineMs = Number.POSITIVE_INFINITY;
  #failure: GatewayError | undefined;
  #quietSinceMs = this.#startedAtMs;
  #onFailure: ((failure: GatewayError) => void)[] | undefined;
  #waits: Set<(failure: GatewayError) => void> | undefined;
  #onQuiet: { readonly afterMs: number; readonly call: () => void } | undefined;

  constructor(ticker: Ticker, client: Client) {
    this.ticker = ticker;
    this.#client = client;
    ticker.add(this);
  }

  /** Why the call was given up, if it was. */
  get failure(): GatewayError | undefined {
    return this.#failure;
  }

  /** Milliseconds since the call began. */
  elapsedMs(): number {
    return performance.now() - this.#startedAtMs;
  }

  /** Opens the guard of an attempt. Throws if the call has been given up. */
  openAttempt(upstream: Upstream, timeouts: Timeouts): AttemptGuard {
    if (this.#failure !== undefined) throw this.#failure;
    const attempt = new AttemptGuard(this, upstream, timeouts);
    if (this.#attempt?.isOver === false) this.#second = attempt;
    else this.#attempt = attempt;
    return attempt;
  }

  /** The caller waits for no longer than so long after the call began. */
  endBy(deadlineMs: number): void {
    this.#deadlineMs = Math.min(this.#deadlineMs, deadlineMs);
  }

  /** The same, until it has the answer's head. */
  endByUntilHead(deadlineMs: number): void {
    this.#headDeadlineMs = deadlineMs;
  }

  /** The answer's head goes to the client. */
  headSent(): void {
    this.#headDeadlineMs = Number.POSITIVE_INFINITY;
  }

  /** The answer has begun, so the deadline was met. */
  metDeadline(): void {
    this.headSent();
    this.#deadlineMs = Number.POSITIVE_INFINITY;
  }

  /** Milliseconds that the caller still waits; infinite where nobody knows. */
  get leftMs(): number {
    return this.#deadline() - this.elapsedMs();
  }

  /** Something was sent to the client, so it has not been quiet since. */
  spoke(): void {
    this.#quietSinceMs = this.ticker.nowMs;
  }

  /** Calls back each time that the client has heard nothing for `afterMs`; 0 means never. */
  whenQuiet(afterMs: number, call: () => void): void {
    this.#onQuiet = afterMs === 0 ? undefined : { afterMs, call };
  }

  /** Calls back when the call is given up: where the client reads nothing, no read is under way that could fail. */
  whenFailed(call: (failure: GatewayError) => void): void {
    this.#onFailure ??= [];
    this.#onFailure.push(call);
  }

  /** Waits. Rejects at once when the call is given up meanwhile. */
  wait(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    return this.until(promise).finally(() => clearTimeout(timer));
  }

  /** A promise's value. Rejects at once when the call is given up meanwhile. */
  until<Value>(promise: Promise<Value>): Promise<Value> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const { promise: either, resolve, reject } = Promise.withResolvers<Value>();
    const waits = this.#waits ?? new Set();
    this.#waits = waits;
    waits.add(reject);
    promise.then(resolve, reject).finally(() => waits.delete(reject));
    return either;
  }

  /** Gives the call up: the client left, its time is over, or the gateway ends. */
  fail(failure: GatewayError): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    this.#attempt?.abort();
    this.#second?.abort();
    for (const reject of this.#waits ?? []) reject(failure);
    for (const call of this.#onFailure ?? []) call(failure);
  }

  /** The call has ended: nothing is watched any more. */
  end(): void {
    this.ticker.remove(this);
    if (this.#clientLeft !== undefined) this.#watchedSignal?.removeEventListener("abort", this.#clientLeft);
    this.#onQuiet = undefined;
    this.#onFailure = undefined;
  }

  tick(nowMs: number): void {
    this.#watchClient();
    const elapsedMs = nowMs - this.#startedAtMs;
    const deadlineMs = this.#deadline();
    if (elapsedMs > deadlineMs) this.fail(deadlineExceeded(deadlineMs));
    this.#attempt?.tick(nowMs, elapsedMs);
    this.#second?.tick(nowMs, elapsedMs);
    const quiet = this.#onQuiet;
    if (quiet !== undefined && nowMs - this.#quietSinceMs >= quiet.afterMs) {
      this.#quietSinceMs = nowMs;
      quiet.call();
    }
  }

  /** Asking for the request's signal is dear, so only calls that live to see a tick do. */
  #deadline(): number {
    return Math.min(this.#deadlineMs, this.#headDeadlineMs);
  }

  #watchClient(): void {
    if (this.#watchedSignal !== undefined) return;
    this.#watchedSignal = this.#client.clientSignal();
    this.#clientLeft = () => this.fail(new GatewayError("client_closed"));
    if (this.#watchedSignal.aborted) this.#clientLeft();
    else this.#watchedSignal.addEventListener("abort", this.#clientLeft);
  }
}

function deadlineExceeded(deadlineMs: number): GatewayError {
  return new GatewayError("deadline_exceeded", {
    message: `No answer came within the ${Math.round(deadlineMs)} ms that the caller gave.`,
  });
}
