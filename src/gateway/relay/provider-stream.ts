import type { Answer, AnswerSink } from "../../egress/answer.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import type { StreamAllowance } from "../admission/stream-allowance.ts";
import type { AttemptGuard } from "../attempt-guard.ts";
import { interrupted } from "../read-answer.ts";
import { emptyStream } from "./passthrough.ts";
import type { Relay } from "./relay.ts";

/** How long a provider may take to close a stream that it has said is complete. */
const CLOSING_MS = 1000;

/** Takes what a client is to get of a provider's stream. After `complete` or `fail` nothing more comes. */
export interface StreamTaker {
  give(bytes: Uint8Array): void;
  complete(): void;
  fail(failure: GatewayError): void;
}

type Phase = "opening" | "begun" | "complete" | "failed";

/**
 * A provider's stream: reads go through the relay as they come, each at once and without a promise. Nothing is given to
 * anybody before the first meaningful event, so that an answer which fails at once is never begun with a success.
 */
export class ProviderStream implements AnswerSink {
  readonly relay: Relay;
  readonly #answer: Answer;
  readonly #guard: AttemptGuard;
  readonly #allowance: StreamAllowance | undefined;
  readonly #opening = Promise.withResolvers<ProviderStream>();
  #phase: Phase = "opening";
  #failure: GatewayError | undefined;
  #held: Uint8Array[] = [];
  #taker: StreamTaker | undefined;
  #closing: Timer | undefined;
  #hasEnded = false;
  #wasCutShort = false;

  private constructor(
    answer: Answer,
    relay: Relay,
    guard: AttemptGuard,
    allowance: StreamAllowance | undefined,
  ) {
    this.#allowance = allowance;
    this.#answer = answer;
    this.relay = relay;
    this.#guard = guard;
  }

  /** Reads up to the first meaningful event. Rejects with the failure if there is one first: it has reached nobody. */
  static open(
    answer: Answer,
    relay: Relay,
    guard: AttemptGuard,
    allowance?: StreamAllowance,
  ): Promise<ProviderStream> {
    const stream = new ProviderStream(answer, relay, guard, allowance);
    guard.reading();
    answer.flowTo(stream);
    return stream.#opening.promise;
  }

  /** From here on the taker gets everything, what was held back at once. */
  flowTo(taker: StreamTaker): void {
    const held = this.#held;
    this.#held = [];
    this.#taker = taker;
    for (const bytes of held) taker.give(bytes);
    if (this.#phase === "complete") taker.complete();
    else if (this.#failure !== undefined) taker.fail(this.#failure);
    else this.resume();
  }

  /** The client can't take more: the provider is not read meanwhile, and its limits don't run. */
  pause(): void {
    if (this.#phase !== "begun") return;
    this.#guard.resting();
    this.#answer.pause();
  }

  resume(): void {
    if (this.#phase !== "begun") return;
    this.#guard.reading();
    this.#answer.resume();
  }

  data(bytes: Uint8Array): void {
    if (this.#isOver()) return;
    this.#guard.reading();
    this.#give(this.relay.push(bytes));
    this.#follow();
    if (this.#allowance !== undefined && this.#phase === "begun") this.#keepWithin(this.#allowance);
  }

  end(): void {
    this.#hasEnded = true;
    clearTimeout(this.#closing);
    if (this.#isOver()) return;
    this.#give(this.relay.end());
    this.#follow();
    if (!this.#isOver()) this.#fail(emptyStream(this.#guard.provider));
  }

  fail(thrown: unknown): void {
    this.#hasEnded = true;
    clearTimeout(this.#closing);
    if (this.#isOver()) return;
    const { failure, provider } = this.#guard;
    this.#fail(failure ?? (thrown instanceof GatewayError ? thrown : interrupted(provider, thrown)));
  }

  /** Gives up what is left of it. */
  abort(): void {
    this.#answer.abort();
  }

  #give(bytes: Uint8Array | undefined): void {
    if (bytes === undefined) return;
    if (this.#taker !== undefined) this.#taker.give(bytes);
    else {
      this.#held.push(bytes);
      // Nobody has come for it yet: one read more is enough to hold.
      this.pause();
    }
  }

  /** Output that is not paid for is neither waited for nor passed on. */
  #keepWithin(allowance: StreamAllowance): void {
    if (allowance.covers(this.relay.outputTokensHigh(), Date.now())) return;
    this.#wasCutShort = true;
    this.#give(this.relay.cutShort());
    this.#follow();
    this.#answer.abort();
  }

  /** True where the stream was ended because its budget could not pay for more. */
  get wasCutShort(): boolean {
    return this.#wasCutShort;
  }

  /** Goes where the relay has gone. A stream that begins and fails within one read has still reached nobody. */
  #follow(): void {
    const { state, failure } = this.relay;
    if (state === "failed") this.#fail(failure ?? emptyStream(this.#guard.provider));
    else if (state !== "preamble") this.#advance(state);
  }

  #advance(state: "begun" | "complete"): void {
    const wasOpening = this.#phase === "opening";
    this.#phase = state;
    if (wasOpening) this.#opening.resolve(this);
    if (state === "complete") this.#complete();
  }

  /**
   * A stream that has said all is over, whatever its connection still does. It is read to its end, so that the
   * connection can serve another call, and given up where none comes.
   */
  #complete(): void {
    this.#guard.resting();
    if (!this.#hasEnded) this.#closing = setTimeout(() => this.#answer.abort(), CLOSING_MS);
    this.#taker?.complete();
  }

  #fail(failure: GatewayError): void {
    const wasOpening = this.#phase === "opening";
    this.#phase = "failed";
    this.#failure = failure;
    this.#guard.resting();
    this.#answer.abort();
    if (wasOpening) this.#opening.reject(failure);
    else this.#taker?.fail(failure);
  }

  #isOver(): boolean {
    return this.#phase === "complete" || this.#phase === "failed";
  }
}
