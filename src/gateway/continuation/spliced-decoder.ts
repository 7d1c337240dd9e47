import type { StreamDecoder } from "../../model/dialect.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import type { AnswerSoFar } from "./answer-so-far.ts";
import type { RepeatedBeginning } from "./repeated-beginning.ts";

type OfBlock = Extract<StreamEvent, { readonly index: number }>;

/**
 * Another target's stream as the rest of one that has begun: its first text goes on in the block that is open, its blocks
 * are counted from there, its head is left out, and so is what it thought before it went on.
 */
export class SplicedDecoder implements StreamDecoder {
  readonly #inner: StreamDecoder;
  readonly #beginning: RepeatedBeginning;
  /** The client's numbers of the target's blocks; undefined for one that is left out. */
  readonly #numbers = new Map<number, number | undefined>();
  /** The target's number of the block whose text goes on where the other's broke off. */
  #first: number | undefined;
  #open: number | undefined;
  #next: number;
  #hasFailed = false;

  constructor(inner: StreamDecoder, { openBlock, nextBlock }: AnswerSoFar, beginning: RepeatedBeginning) {
    this.#inner = inner;
    this.#beginning = beginning;
    this.#open = openBlock;
    this.#next = nextBlock;
  }

  get ended(): boolean {
    return this.#hasFailed || this.#inner.ended;
  }

  step(data: string, event: string | undefined): readonly StreamEvent[] {
    return this.#spliced(this.#inner.step(data, event));
  }

  end(): readonly StreamEvent[] {
    return this.#spliced(this.#inner.end());
  }

  #spliced(events: readonly StreamEvent[]): readonly StreamEvent[] {
    const spliced: StreamEvent[] = [];
    for (const event of events) if (!this.#hasFailed) spliced.push(...this.#splice(event));
    return spliced;
  }

  #splice(event: StreamEvent): readonly StreamEvent[] {
    switch (event.type) {
      case "start":
        return event.serviceTier === undefined ? [] : [{ type: "start", serviceTier: event.serviceTier }];
      case "block-start":
        return event.choice === 0 ? this.#begin(event) : [];
      case "block-delta":
      case "signature":
      case "citation":
      case "token-probabilities":
      case "block-end":
        return event.choice === 0 ? this.#within(event) : [];
      case "finish":
        return event.choice === 0 ? [...this.#endOpen(), event] : [];
      case "usage":
      case "error":
        return [event];
      case "unknown":
        return [];
    }
  }

  #begin(event: Extract<StreamEvent, { readonly type: "block-start" }>): readonly StreamEvent[] {
    const { kind } = event.block;
    if (kind === "reasoning") return [];
    const isFirst = kind === "text" && this.#first === undefined;
    if (isFirst) this.#first = event.index;
    if (isFirst && this.#open !== undefined) {
      this.#numbers.set(event.index, this.#open);
      return [];
    }
    const ending = this.#endOpen();
    const index = this.#next++;
    this.#numbers.set(event.index, index);
    return [...ending, { ...event, index }];
  }

  #within(event: OfBlock): readonly StreamEvent[] {
    const index = this.#numbers.get(event.index);
    if (index === undefined) return [];
    if (index === this.#open && event.type === "block-end") return this.#endOpen();
    if (event.type !== "block-delta" || event.index !== this.#first) return [{ ...event, index }];
    try {
      const text = this.#beginning.take(event.text);
      return text === "" ? [] : [{ ...event, index, text }];
    } catch (thrown) {
      return this.#fail(thrown);
    }
  }

  /** The block that was open when the stream broke off. */
  #endOpen(): readonly StreamEvent[] {
    if (this.#open === undefined) return [];
    const index = this.#open;
    this.#open = undefined;
    return [{ type: "block-end", choice: 0, index }];
  }

  #fail(cause: unknown): readonly StreamEvent[] {
    this.#hasFailed = true;
    const error = new GatewayError("upstream_invalid_answer", {
      message: "The provider was to go on with an answer, and began it anew.",
      errorClass: "invalid_answer",
      cause,
    });
    return [{ type: "error", error }];
  }
}
