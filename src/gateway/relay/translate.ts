import { FEW_BYTES_PER_TOKEN } from "../../dialects/stream/bytes-per-token.ts";
import type {
  AnswerFacts,
  Receipt,
  ServerSentEvent,
  StreamDecoder,
  StreamEncoder,
  StreamFraming,
} from "../../model/dialect.ts";
import type { GatewayError } from "../../model/gateway-error.ts";
import type { Upstream } from "../../model/snapshot.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import type { Usage } from "../../model/usage.ts";
import type { ContinuableAnswer, HandOver } from "../continuation/hand-over.ts";
import { withoutCredential } from "../credential-leak.ts";
import { tooLong } from "../read-answer.ts";
import { brokenOff, emptyStream, invalidStream } from "./passthrough.ts";
import type { Relay, RelayState } from "./relay.ts";

const encoder = new TextEncoder();

/** Different dialects on the two sides: each event is decoded, and said again in the client's words at once. */
export class TranslateRelay implements Relay {
  state: RelayState = "preamble";
  failure: GatewayError | undefined;
  readonly failureWasRelayed = false;
  readonly #framing: StreamFraming;
  readonly #decoder: StreamDecoder;
  readonly #encoder: StreamEncoder;
  readonly #upstream: Upstream;
  readonly #limitBytes: number;
  #usage: Usage | undefined;
  #finishReason: string | undefined;
  #serviceTier: string | undefined;
  #outputBytes = 0;
  #outputEvents = 0;
  #said = "";
  readonly #open = new Map<string, { readonly choice: number; readonly index: number }>();
  readonly #choices = new Set<number>();
  readonly #handOver: HandOver | undefined;
  /** Tokens that the client had been given before this provider went on. */
  readonly #tokensBefore: number;

  /**
   * `limitBytes` bounds the answer's text: some dialects repeat all of it at the end, so it is held. `handOver`, where
   * another provider may have to go on, keeps what the client is given; it may have been given something already.
   */
  constructor(
    framing: StreamFraming,
    decoder: StreamDecoder,
    streamEncoder: StreamEncoder,
    upstream: Upstream,
    limitBytes: number,
    handOver?: HandOver,
  ) {
    this.#framing = framing;
    this.#decoder = decoder;
    this.#encoder = streamEncoder;
    this.#upstream = upstream;
    this.#limitBytes = limitBytes;
    this.#handOver = handOver;
    this.#tokensBefore = handOver?.soFar.tokensHigh ?? 0;
    if (handOver !== undefined) this.#takeOver(handOver);
  }

  push(chunk: Uint8Array): Uint8Array | undefined {
    if (this.state === "failed" || this.state === "complete") return undefined;
    try {
      this.#framing.push(chunk, this.#step);
    } catch (thrown) {
      this.#fail(invalidStream(this.#upstream.provider, thrown));
    }
    if (this.#decoder.ended) this.#settle();
    return this.#takeSaid();
  }

  end(): Uint8Array | undefined {
    if (this.state === "failed" || this.state === "complete") return undefined;
    this.#framing.end(this.#step);
    for (const event of this.#decoder.end()) this.#take(event);
    this.#settle();
    return this.#takeSaid();
  }

  closing(receipt: Receipt): Uint8Array {
    return encoder.encode(this.#encoder.close(receipt));
  }

  failing(failure: GatewayError, requestId: string): Uint8Array | undefined {
    const said = this.#encoder.fail?.(failure, requestId);
    return said === undefined ? undefined : encoder.encode(said);
  }

  facts(): AnswerFacts {
    return {
      ...(this.#usage === undefined ? {} : { usage: this.#usage }),
      ...(this.#finishReason === undefined ? {} : { finishReason: this.#finishReason }),
      ...(this.#serviceTier === undefined ? {} : { serviceTier: this.#serviceTier }),
      outputBytes: this.#outputBytes,
      outputEvents: this.#outputEvents,
    };
  }

  continuableAnswer(): ContinuableAnswer | undefined {
    const handOver = this.#handOver;
    return handOver?.soFar.isContinuable === true ? { handOver: () => handOver } : undefined;
  }

  outputTokensHigh(): number {
    return (
      this.#tokensBefore + Math.max(this.#outputEvents, Math.ceil(this.#outputBytes / FEW_BYTES_PER_TOKEN))
    );
  }

  cutShort(): Uint8Array | undefined {
    for (const { choice, index } of this.#open.values()) this.#take({ type: "block-end", choice, index });
    for (const choice of this.#choices)
      this.#take({ type: "finish", choice, reason: "length", rawReason: "length" });
    this.state = "complete";
    return this.#takeSaid();
  }

  readonly #step = ({ data, event }: ServerSentEvent): void => {
    for (const decoded of this.#decoder.step(data, event)) this.#take(decoded);
  };

  #take(event: StreamEvent): void {
    if (this.#hasFailed()) return;
    if (event.type === "error") this.#fail(withoutCredential(event.error, this.#upstream));
    else this.#note(event);
    if (this.#hasFailed()) return;
    this.#handOver?.soFar.note(event);
    this.#said += this.#encoder.encode(event);
  }

  #note(event: StreamEvent): void {
    switch (event.type) {
      case "start":
        this.#serviceTier = event.serviceTier ?? this.#serviceTier;
        break;
      case "usage":
        this.#usage = event.usage;
        break;
      case "block-delta":
        this.#outputBytes += event.text.length;
        this.#outputEvents++;
        this.#begin();
        if (this.#outputBytes > this.#limitBytes) this.#fail(tooLong(this.#limitBytes));
        break;
      case "finish":
        this.#choices.delete(event.choice);
        this.#finishReason ??= event.rawReason;
        this.#begin();
        break;
      case "block-start":
        this.#open.set(`${event.choice}.${event.index}`, event);
        this.#choices.add(event.choice);
        if (event.block.kind === "tool-call") this.#begin();
        break;
      case "block-end":
        this.#open.delete(`${event.choice}.${event.index}`);
        break;
      default:
        break;
    }
  }

  /** What the client has been given is begun, and is ended here. */
  #takeOver({ soFar: { openBlock: index, nextBlock } }: HandOver): void {
    if (nextBlock > 0) this.#choices.add(0);
    if (index !== undefined) this.#open.set(`0.${index}`, { choice: 0, index });
  }

  #begin(): void {
    if (this.state === "preamble") this.state = "begun";
  }

  #settle(): void {
    if (this.#hasFailed()) return;
    if (this.#finishReason !== undefined) this.state = "complete";
    else
      this.#fail(
        this.state === "preamble" ? emptyStream(this.#upstream.provider) : brokenOff(this.#upstream.provider),
      );
  }

  #hasFailed(): boolean {
    return this.state === "failed";
  }

  #fail(failure: GatewayError): void {
    this.state = "failed";
    this.failure = failure;
  }

  #takeSaid(): Uint8Array | undefined {
    if (this.#said === "") return undefined;
    const said = encoder.encode(this.#said);
    this.#said = "";
    return said;
  }
}
