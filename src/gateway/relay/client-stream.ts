import type { Receipt } from "../../model/dialect.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import type { CallGuard } from "../call-guard.ts";
import type { ContentSample } from "../content-sample.ts";
import { interrupted } from "../read-answer.ts";
import type { Read, Reader } from "./reader.ts";
import type { Relay } from "./relay.ts";

const KEEP_ALIVE = new TextEncoder().encode(": keep-alive\n\n");
/** How long a provider may take to close a stream that it has said is complete. */
const CLOSING_MS = 1000;
const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** A provider's stream that has begun: the first meaningful bytes are here, the rest is to be read. */
export interface BegunStream {
  readonly reader: Reader;
  readonly relay: Relay;
  /** What the client gets first. */
  readonly first: Uint8Array | undefined;
}

/** What the stream asks of the call that it belongs to. */
export interface StreamOwner {
  readonly guard: CallGuard;
  /** Where the answer is noted, if its project asks for that. */
  readonly content: ContentSample | undefined;
  /** Ends the call's accounts; gives what the client may be told of them. Called once, whatever the way out. */
  settle(failure: GatewayError | undefined): Receipt | undefined;
  encodeError(failure: GatewayError): Uint8Array;
}

type Next = IteratorResult<Uint8Array, undefined>;

/**
 * What a client reads: an iterator written by hand, because a generator costs a tenth more per token. The server asks
 * for the next bytes only when the client has taken the last ones, so a slow client slows the provider and nothing
 * piles up here; it calls `return` when the client leaves.
 */
export class ClientStream implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #owner: StreamOwner;
  #begun: BegunStream | undefined;
  #waiting: ((next: Next) => void) | undefined;
  #ready: Uint8Array[] = [];
  #reading = false;
  #ended = false;
  #isWhole = false;

  /** `begun` may still be on its way: then comments keep the client waiting, and a failure is told in the stream. */
  constructor(begun: BegunStream | Promise<BegunStream>, owner: StreamOwner, keepAliveMs: number) {
    this.#owner = owner;
    owner.guard.whenQuiet(keepAliveMs, this.#keepAlive);
    owner.guard.whenFailed(this.#fail);
    if (begun instanceof Promise) {
      this.#ready.push(KEEP_ALIVE);
      begun.then(this.#start, this.#fail);
    } else this.#start(begun);
  }

  /** True once the stream has ended well, and nothing is missing of it. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Next> {
    return new Promise((resolve) => {
      const ready = this.#ready.shift();
      if (ready !== undefined) return resolve({ done: false, value: ready });
      if (this.#ended) return resolve(DONE);
      this.#waiting = resolve;
      this.#read();
    });
  }

  /** The client left. */
  return(): Promise<Next> {
    if (!this.#ended) {
      this.#ended = true;
      const left = new GatewayError("client_closed");
      this.#owner.guard.fail(left);
      this.#begun?.reader.cancel().catch(ignoreCancelled);
      this.#owner.settle(left);
    }
    return Promise.resolve(DONE);
  }

  readonly #start = (begun: BegunStream): void => {
    this.#begun = begun;
    if (this.#ended) begun.reader.cancel().catch(ignoreCancelled);
    else if (begun.first !== undefined) this.#give(begun.first);
    if (begun.relay.state === "complete") this.#finish(begun);
    else if (this.#waiting !== undefined) this.#read();
  };

  #read(): void {
    const begun = this.#begun;
    if (begun === undefined || this.#reading || this.#ended) return;
    this.#reading = true;
    this.#owner.guard.reading();
    begun.reader.read().then(this.#take, this.#fail);
  }

  readonly #take = ({ done, value }: Read): void => {
    this.#reading = false;
    this.#owner.guard.resting();
    const begun = this.#begun;
    if (begun === undefined || this.#ended) return;
    const { relay } = begun;
    const bytes = done ? relay.end() : relay.push(value);
    if (bytes !== undefined) this.#give(bytes);
    if (relay.state === "failed") this.#fail(relay.failure);
    else if (done || relay.state === "complete") this.#finish(begun);
    else if (this.#waiting !== undefined) this.#read();
  };

  readonly #fail = (thrown: unknown): void => {
    if (this.#ended) return;
    this.#ended = true;
    const { guard } = this.#owner;
    const failure =
      guard.failure ?? (thrown instanceof GatewayError ? thrown : interrupted(guard.provider, thrown));
    this.#begun?.reader.cancel().catch(ignoreCancelled);
    this.#owner.settle(failure);
    if (this.#begun?.relay.failureWasRelayed !== true) this.#give(this.#owner.encodeError(failure));
    this.#waiting?.(DONE);
    this.#waiting = undefined;
  };

  /** A stream that has said all is over, whatever its connection still does. */
  #finish({ reader, relay }: BegunStream): void {
    this.#ended = true;
    this.#isWhole = true;
    void readOut(reader, this.#owner.guard);
    const receipt = this.#owner.settle(undefined);
    const closing = receipt === undefined ? undefined : relay.closing(receipt);
    if (closing !== undefined) this.#give(closing);
    this.#waiting?.(DONE);
    this.#waiting = undefined;
  }

  #give(bytes: Uint8Array): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#owner.guard.spoke();
    this.#owner.content?.noteAnswer(bytes);
    if (waiting === undefined) this.#ready.push(bytes);
    else waiting({ done: false, value: bytes });
  }

  /** Only whole events are ever given, so a comment never lands inside one. */
  readonly #keepAlive = (): void => {
    if (this.#waiting !== undefined) this.#give(KEEP_ALIVE);
  };
}

/** Reads a finished stream to its end, so that its connection can serve another call; gives it up where none comes. */
async function readOut(reader: Reader, guard: CallGuard): Promise<void> {
  const timer = setTimeout(() => {
    guard.abandonAttempt();
    reader.cancel().catch(ignoreCancelled);
  }, CLOSING_MS);
  try {
    while (!(await reader.read()).done);
  } catch {
    // It broke after its end: nothing is missing.
  } finally {
    clearTimeout(timer);
  }
}

/** Cancelling a stream that has already failed says so again; it was told the first time. */
function ignoreCancelled(): void {}
