import type { Call } from "../egress/answer.ts";
import { GatewayError } from "../model/gateway-error.ts";
import type { Timeouts, Upstream } from "../model/snapshot.ts";
import type { Ticked, Ticker } from "./ticker.ts";

/** What a call is waiting for. `nothing` while it waits for the client, which no upstream limit measures. */
type Phase = "nothing" | "headers" | "bytes";

/**
 * Watches over one call: its time limits, and whether its client is still there. It aborts the upstream call when
 * either fails, and then says why. Everything is checked at the shared tick, so a short call pays for none of it.
 */
export class CallGuard implements Ticked {
  readonly #ticker: Ticker;
  readonly #clientSignal: () => AbortSignal;
  readonly #startedAtMs = performance.now();
  #watchedSignal: AbortSignal | undefined;
  #upstreamCall: Call | undefined;
  #upstream: Upstream | undefined;
  #timeouts: Timeouts | undefined;
  #phase: Phase = "nothing";
  #phaseSinceMs = 0;
  #failure: GatewayError | undefined;
  #quietSinceMs = this.#startedAtMs;
  #onFailure: ((failure: GatewayError) => void)[] | undefined;
  #onQuiet: { readonly afterMs: number; readonly call: () => void } | undefined;

  constructor(ticker: Ticker, clientSignal: () => AbortSignal) {
    this.#ticker = ticker;
    this.#clientSignal = clientSignal;
    ticker.add(this);
  }

  /** Why the upstream call was aborted, if it was. */
  get failure(): GatewayError | undefined {
    return this.#failure;
  }

  /** Whom the call is with, for sentences. */
  get provider(): string {
    return this.#upstream?.provider ?? "The provider";
  }

  /** Milliseconds since the call began. */
  elapsedMs(): number {
    return performance.now() - this.#startedAtMs;
  }

  /** An attempt is sent by `send`, and aborted when the call fails. Throws if the call has already failed. */
  sending(upstream: Upstream, send: () => Call): Call {
    if (this.#failure !== undefined) throw this.#failure;
    this.#upstream = upstream;
    this.#timeouts = upstream.timeouts;
    this.#wait("headers");
    this.#upstreamCall = send();
    return this.#upstreamCall;
  }

  /** A read of the answer begins. */
  reading(): void {
    this.#wait("bytes");
  }

  /** A read has come back: until the next one, time is the client's own. */
  resting(): void {
    this.#phase = "nothing";
  }

  /** Something was sent to the client, so it has not been quiet since. */
  spoke(): void {
    this.#quietSinceMs = this.#ticker.nowMs;
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

  /** Gives the call up: the client left, or the gateway ends. */
  fail(failure: GatewayError): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    this.#upstreamCall?.abort();
    for (const call of this.#onFailure ?? []) call(failure);
  }

  /** The attempt's answer is of no use: stops it without giving up the call. */
  abandonAttempt(): void {
    this.#upstreamCall?.abort();
    this.#upstreamCall = undefined;
    this.resting();
  }

  /** The call has ended: nothing is watched any more. */
  end(): void {
    this.#ticker.remove(this);
    this.#watchedSignal?.removeEventListener("abort", this.#clientLeft);
    this.#onQuiet = undefined;
    this.#onFailure = undefined;
  }

  tick(nowMs: number): void {
    this.#watchClient();
    const timeouts = this.#timeouts;
    if (timeouts !== undefined) this.#checkLimits(timeouts, nowMs);
    const quiet = this.#onQuiet;
    if (quiet !== undefined && nowMs - this.#quietSinceMs >= quiet.afterMs) {
      this.#quietSinceMs = nowMs;
      quiet.call();
    }
  }

  readonly #clientLeft = (): void => this.fail(new GatewayError("client_closed"));

  /** Asking for the request's signal is dear, so only calls that live to see a tick do. */
  #watchClient(): void {
    if (this.#watchedSignal !== undefined) return;
    this.#watchedSignal = this.#clientSignal();
    if (this.#watchedSignal.aborted) this.#clientLeft();
    else this.#watchedSignal.addEventListener("abort", this.#clientLeft);
  }

  #wait(phase: Phase): void {
    this.#phase = phase;
    this.#phaseSinceMs = this.#ticker.nowMs;
  }

  #checkLimits(timeouts: Timeouts, nowMs: number): void {
    const waitedMs = nowMs - this.#phaseSinceMs;
    if (nowMs - this.#startedAtMs > timeouts.totalMs) this.#timeOut("total_ms", timeouts.totalMs);
    else if (this.#phase === "bytes" && waitedMs > timeouts.betweenBytesMs) {
      this.#timeOut("between_bytes_ms", timeouts.betweenBytesMs);
    } else if (this.#phase === "headers") this.#checkHeaders(timeouts, waitedMs);
  }

  #checkHeaders(timeouts: Timeouts, waitedMs: number): void {
    if (waitedMs > timeouts.firstByteMs) this.#timeOut("first_byte_ms", timeouts.firstByteMs);
    else if (waitedMs > timeouts.connectMs && this.#upstreamCall?.isConnected === false) {
      this.#timeOut("connect_ms", timeouts.connectMs);
    }
  }

  #timeOut(limit: keyof typeof PHASES, limitMs: number): void {
    this.fail(
      new GatewayError("upstream_timeout", {
        message: `${this.provider} ${PHASES[limit]} ${limitMs} ms.`,
        mend: `Try again, or raise \`timeouts.${limit}\`.`,
        errorClass: "timeout",
      }),
    );
  }
}

const PHASES = {
  connect_ms: "could not be connected to within",
  first_byte_ms: "sent no answer within",
  between_bytes_ms: "fell silent in the middle of its answer for more than",
  total_ms: "did not complete its answer within",
} as const;
