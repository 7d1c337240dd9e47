import type { ClientFraming, Receipt } from "../../model/dialect.ts";
import { asGatewayError, GatewayError } from "../../model/gateway-error.ts";
import type { BodyRecorder } from "../body-recorder.ts";
import type { CallGuard } from "../call-guard.ts";
import type { ContentSample } from "../content-sample.ts";
import type { LeadableStream, StreamSink } from "../idempotency/answer-keeping.ts";
import type { ProviderStream, StreamTaker } from "./provider-stream.ts";

const EVENT_STREAM = "text/event-stream";
const KEEP_ALIVE = new TextEncoder().encode(": keep-alive\n\n");

/** What the stream asks of the call that it belongs to. */
export interface StreamOwner {
  readonly guard: CallGuard;
  /** Where the answer is noted, if its project asks for that. */
  readonly content: ContentSample | undefined;
  /** Where it is recorded, if a policy says so. */
  readonly recorder: BodyRecorder | undefined;
  /** How the client takes the stream's events, where it is not as they are. */
  readonly framing?: ClientFraming | undefined;
  /**
   * The rest of a stream that broke off, from another target; undefined where none goes on with it. Rejects with the
   * failure to be told.
   */
  continueAfter(failure: GatewayError): Promise<ProviderStream> | undefined;
  /** Ends the call's accounts; gives what the client may be told of them. Called once, whatever the way out. */
  settle(failure: GatewayError | undefined): Receipt | undefined;
  encodeError(failure: GatewayError): Uint8Array;
}

/**
 * What a client reads. Each read of the provider's is written at once and flushed; only where the client does not take
 * it is there a promise, and until that one resolves the provider is not read: a slow client slows the provider and
 * nothing piles up here.
 */
export class ClientStream implements StreamTaker, LeadableStream {
  /** The body of the answer. The runtime begins to read it when it has sent the head. */
  readonly body: ReadableStream<Uint8Array>;
  readonly #owner: StreamOwner;
  readonly #begun: ProviderStream | Promise<ProviderStream>;
  readonly #over = Promise.withResolvers<void>();
  #sink: StreamSink | undefined;
  /** What there was to say before the runtime came to read. */
  readonly #ready: Uint8Array[] = [];
  #provider: ProviderStream | undefined;
  #isStalled = false;
  #isEnded = false;

  /** `begun` may still be on its way: then comments keep the client waiting, and a failure is told in the stream. */
  constructor(begun: ProviderStream | Promise<ProviderStream>, owner: StreamOwner, keepAliveMs: number) {
    this.#begun = begun;
    this.#owner = owner;
    owner.guard.whenQuiet(keepAliveMs, this.#keepAlive);
    owner.guard.whenFailed(this.#giveUp);
    this.body = new ReadableStream({
      type: "direct",
      // Resolves when all has been said: until then the runtime holds the client's connection.
      pull: (sink) => {
        this.openTo(sink);
        return this.#over.promise;
      },
      cancel: () => this.abandon(),
    });
  }

  give(bytes: Uint8Array): void {
    const sink = this.#sink;
    if (sink === undefined) {
      this.#ready.push(bytes);
      return;
    }
    this.#owner.guard.spoke();
    const { content, recorder, framing } = this.#owner;
    content?.noteAnswer(bytes);
    recorder?.noteAnswer(bytes);
    const written = sink.write(framing === undefined ? bytes : framing.frame(bytes));
    sink.flush();
    if (written instanceof Promise && !this.#isStalled) this.#stall(written);
  }

  /** The provider has said all. */
  complete(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    const receipt = this.#owner.settle(undefined);
    const closing = receipt === undefined ? undefined : this.#provider?.relay.closing(receipt);
    if (closing !== undefined) this.give(closing);
    const end = this.#owner.framing?.close();
    if (end !== undefined) this.#sink?.write(end);
    this.#close();
  }

  fail(thrown: unknown): void {
    if (this.#isEnded) return;
    const failure = this.#owner.guard.failure ?? asGatewayError(thrown);
    const rest = this.#owner.continueAfter(failure);
    if (rest === undefined) {
      this.#failWith(failure);
      return;
    }
    // Meanwhile comments keep the client waiting.
    this.#provider = undefined;
    rest.then(this.#start, this.#giveUp);
  }

  #failWith(failure: GatewayError): void {
    this.#isEnded = true;
    this.#provider?.abort();
    this.#owner.settle(failure);
    if (this.#provider?.relay.failureWasRelayed !== true) this.give(this.#owner.encodeError(failure));
    this.#close();
  }

  readonly #giveUp = (failure: GatewayError): void => this.fail(failure);

  /** Begins to write: to the runtime's hold on the client's connection, or to whoever reads in the client's stead. */
  openTo(sink: StreamSink): void {
    this.#sink = sink;
    for (const bytes of this.#ready.splice(0)) this.give(bytes);
    if (this.#isEnded) this.#close();
    else if (!(this.#begun instanceof Promise)) this.#start(this.#begun);
    else {
      this.give(KEEP_ALIVE);
      this.#begun.then(this.#start, this.#giveUp);
    }
  }

  readonly #start = (provider: ProviderStream): void => {
    this.#provider = provider;
    if (this.#isEnded) {
      provider.abort();
      return;
    }
    provider.flowTo(this);
    if (this.#isStalled) provider.pause();
  };

  #stall(taken: Promise<unknown>): void {
    this.#isStalled = true;
    this.#provider?.pause();
    const flow = () => {
      this.#isStalled = false;
      if (!this.#isEnded) this.#provider?.resume();
    };
    taken.then(flow, flow);
  }

  /** The client left. */
  abandon(): void {
    const left = new GatewayError("client_closed");
    this.#sink = undefined;
    this.#owner.guard.fail(left);
    this.fail(left);
  }

  #close(): void {
    this.#owner.recorder?.finish(EVENT_STREAM);
    this.#sink?.end();
    this.#sink = undefined;
    this.#over.resolve();
  }

  /** Only whole events are ever given, so a comment never lands inside one. */
  readonly #keepAlive = (): void => {
    if (!this.#isStalled && !this.#isEnded) this.give(KEEP_ALIVE);
  };
}
