import { EventSplitter } from "../../dialects/stream/event-splitter.ts";
import { lastEvent } from "../../dialects/stream/last-event.ts";
import type { AnswerFacts, StreamScanner } from "../../model/dialect.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import type { Upstream } from "../../model/snapshot.ts";
import type { ContinuableAnswer } from "../continuation/hand-over.ts";
import type { PassingAnswer } from "../continuation/passing-answer.ts";
import { quotesCredential } from "../credential-leak.ts";
import { streamFailure } from "../upstream-failure.ts";
import { MAX_EVENT_BYTES, type Relay, type RelayState } from "./relay.ts";

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/**
 * The same dialect on both sides: every byte goes on as it came, in whole events, while the scanner reads usage and
 * finish from them. Nothing follows a failure, so that no end of the provider's can make it look like a success.
 */
export class PassthroughRelay implements Relay {
  state: RelayState = "preamble";
  failure: GatewayError | undefined;
  failureWasRelayed = false;
  readonly #splitter = new EventSplitter(MAX_EVENT_BYTES);
  readonly #scanner: StreamScanner;
  readonly #upstream: Upstream;
  /** Bytes of the current read that may go on: less than all of them once the provider has failed. */
  #goesOn = 0;
  #isCutShort = false;
  /** The provider has said that it failed, and may say it once more. */
  #failing = false;
  readonly #passing: PassingAnswer | undefined;

  /** `passing` reads along, where another provider may have to go on with the stream. */
  constructor(scanner: StreamScanner, upstream: Upstream, passing?: PassingAnswer) {
    this.#scanner = scanner;
    this.#upstream = upstream;
    this.#passing = passing;
  }

  push(chunk: Uint8Array): Uint8Array | undefined {
    if (this.state === "failed") return undefined;
    this.#goesOn = 0;
    const bytes = this.#split(chunk);
    if (bytes === undefined || this.#goesOn === 0) return undefined;
    return this.#goesOn === bytes.byteLength ? bytes : bytes.subarray(0, this.#goesOn);
  }

  /** Some servers don't end their last event with a blank line, and some say no `[DONE]`: a finish is enough. */
  end(): Uint8Array | undefined {
    if (this.state === "failed" || this.state === "complete") return undefined;
    const rest = lastEvent(this.#splitter.rest());
    this.#goesOn = 0;
    if (rest !== undefined) this.#look(rest, 0, rest.byteLength);
    if (this.#settledByEnd()) return this.#goesOn === 0 ? undefined : rest;
    return undefined;
  }

  closing(): undefined {
    return undefined;
  }

  facts(): AnswerFacts {
    const facts = this.#scanner.facts();
    return this.#isCutShort ? { ...facts, finishReason: "length" } : facts;
  }

  continuableAnswer(): ContinuableAnswer | undefined {
    return this.#passing?.isContinuable === true ? this.#passing : undefined;
  }

  outputTokensHigh(): number {
    return this.#scanner.outputTokensHigh();
  }

  cutShort(): Uint8Array {
    this.#isCutShort = true;
    this.state = "complete";
    return encoder.encode(this.#scanner.cutShort());
  }

  #split(chunk: Uint8Array): Uint8Array | undefined {
    try {
      return this.#splitter.push(chunk, this.#look);
    } catch (thrown) {
      this.#fail(invalidStream(this.#upstream.provider, thrown));
      return undefined;
    }
  }

  readonly #look = (bytes: Uint8Array, start: number, end: number): void => {
    if (this.state === "failed") return;
    switch (this.#scanner.scan(bytes, start, end)) {
      case "content":
        if (this.state === "preamble") this.state = "begun";
        break;
      case "terminal":
        if (this.#failing) {
          this.#failAsTold(true);
          return;
        }
        this.#complete();
        break;
      case "failing":
        if (this.#isWithheld(bytes, start, end)) {
          this.#failAsTold(false);
          return;
        }
        this.#failing = true;
        break;
      case "error": {
        const isWithheld = this.#isWithheld(bytes, start, end);
        this.#failAsTold(!isWithheld);
        if (isWithheld) return;
        break;
      }
      case "preamble":
        break;
    }
    this.#goesOn = end;
    this.#passing?.see(bytes, start, end);
  };

  #complete(): void {
    if (this.state === "begun" || this.#scanner.facts().finishReason !== undefined) this.state = "complete";
    else this.#fail(emptyStream(this.#upstream.provider));
  }

  #settledByEnd(): boolean {
    if (this.state === "complete") return true;
    if (this.#failing) this.#failAsTold(true);
    if (this.state === "failed") return false;
    if (this.#scanner.facts().finishReason !== undefined) {
      this.state = "complete";
      return true;
    }
    this.#fail(
      this.state === "preamble" ? emptyStream(this.#upstream.provider) : brokenOff(this.#upstream.provider),
    );
    return false;
  }

  /** A failure is not the client's to see where it quotes the credential, or another provider may go on. */
  #isWithheld(bytes: Uint8Array, start: number, end: number): boolean {
    return this.continuableAnswer() !== undefined || this.#quotesCredential(bytes, start, end);
  }

  #quotesCredential(bytes: Uint8Array, start: number, end: number): boolean {
    return quotesCredential(decoder.decode(bytes.subarray(start, end)), this.#upstream);
  }

  #failAsTold(wasRelayed: boolean): void {
    this.#fail(streamFailure(this.#scanner.failure(), this.#upstream));
    this.failureWasRelayed = wasRelayed;
  }

  #fail(failure: GatewayError): void {
    this.state = "failed";
    this.failure = failure;
  }
}

/** The provider closed a stream that had begun and not finished. */
export function brokenOff(provider: string): GatewayError {
  return new GatewayError("upstream_interrupted", {
    message: `${provider} ended its stream before the answer was complete.`,
    errorClass: "network",
  });
}

/** The provider closed a stream that held no answer. */
export function emptyStream(provider: string): GatewayError {
  return new GatewayError("upstream_invalid_answer", {
    message: `${provider} answered 200 with a stream that holds no answer.`,
    errorClass: "invalid_answer",
  });
}

/** What the provider sent is no stream of events. */
export function invalidStream(provider: string, cause: unknown): GatewayError {
  return new GatewayError("upstream_invalid_answer", {
    message: `${provider} sent something that is not a stream of events.`,
    errorClass: "invalid_answer",
    cause,
  });
}
