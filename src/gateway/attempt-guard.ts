import type { Call } from "../egress/answer.ts";
import { GatewayError } from "../model/gateway-error.ts";
import type { Timeouts, Upstream } from "../model/snapshot.ts";

/** What an attempt is waiting for. `nothing` while it waits for the client, which no upstream limit measures. */
type Phase = "nothing" | "headers" | "bytes";

/** The call that an attempt belongs to, as far as the attempt's limits need it. */
export interface GuardedCall {
  /** Why the call was given up, if it was. */
  readonly failure: GatewayError | undefined;
  readonly ticker: { readonly nowMs: number };
  fail(failure: GatewayError): void;
  until<Value>(promise: Promise<Value>): Promise<Value>;
}

/**
 * Watches over one attempt: how long each of its phases may take. It aborts the upstream call when one takes longer, and
 * then says why; whether another target is tried is not for it to say. The time that the whole call may take is checked
 * here too, since whom it may be with says how long, but ends the call.
 */
export class AttemptGuard {
  readonly #call: GuardedCall;
  readonly #upstream: Upstream;
  readonly #timeouts: Timeouts;
  #upstreamCall: Call | undefined;
  #phase: Phase = "nothing";
  #phaseSinceMs = 0;
  #failure: GatewayError | undefined;
  #isOver = false;

  constructor(call: GuardedCall, upstream: Upstream, timeouts: Timeouts) {
    this.#call = call;
    this.#upstream = upstream;
    this.#timeouts = timeouts;
  }

  /** Why the upstream call was aborted, if it was: the call was given up, or a phase took too long. */
  get failure(): GatewayError | undefined {
    return this.#call.failure ?? this.#failure;
  }

  /** Whom the attempt is with, for sentences. */
  get provider(): string {
    return this.#upstream.provider;
  }

  /** True once nothing of it is watched any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** A promise's value. Rejects at once when the call is given up meanwhile. */
  until<Value>(promise: Promise<Value>): Promise<Value> {
    return this.#call.until(promise);
  }

  /** The attempt is sent by `send`, and aborted when it fails. Throws if it has already failed. */
  sending(send: () => Call): Call {
    if (this.failure !== undefined) throw this.failure;
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

  /** The attempt has failed, or another has answered: stops it without giving up the call. */
  abandon(failure?: GatewayError): void {
    this.#failure ??= failure;
    this.#isOver = true;
    this.#phase = "nothing";
    this.abort();
  }

  /** Cuts the upstream call, whatever phase it is in. */
  abort(): void {
    this.#upstreamCall?.abort();
  }

  /** `nowMs` is on the clock of `performance.now()`, `elapsedMs` since the call began. */
  tick(nowMs: number, elapsedMs: number): void {
    if (this.#isOver) return;
    const timeouts = this.#timeouts;
    const waitedMs = nowMs - this.#phaseSinceMs;
    if (elapsedMs > timeouts.totalMs) this.#call.fail(this.#tooLong("total_ms", timeouts.totalMs));
    else if (this.#phase === "bytes" && waitedMs > timeouts.betweenBytesMs) {
      this.abandon(this.#tooLong("between_bytes_ms", timeouts.betweenBytesMs));
    } else if (this.#phase === "headers") this.#checkHeaders(timeouts, waitedMs);
  }

  #wait(phase: Phase): void {
    this.#phase = phase;
    this.#phaseSinceMs = this.#call.ticker.nowMs;
  }

  #checkHeaders(timeouts: Timeouts, waitedMs: number): void {
    if (waitedMs > timeouts.firstByteMs) this.abandon(this.#tooLong("first_byte_ms", timeouts.firstByteMs));
    else if (waitedMs > timeouts.connectMs && this.#upstreamCall?.isConnected === false) {
      this.abandon(this.#tooLong("connect_ms", timeouts.connectMs));
    }
  }

  #tooLong(limit: keyof typeof PHASES, limitMs: number): GatewayError {
    return new GatewayError("upstream_timeout", {
      message: `${this.provider} ${PHASES[limit]} ${limitMs} ms.`,
      mend: `Try again, or raise \`timeouts.${limit}\`.`,
      errorClass: "timeout",
    });
  }
}

const PHASES = {
  connect_ms: "could not be connected to within",
  first_byte_ms: "sent no answer within",
  between_bytes_ms: "fell silent in the middle of its answer for more than",
  total_ms: "did not complete its answer within",
} as const;
