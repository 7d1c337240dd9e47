import { readEvent } from "../../dialects/stream/event-data.ts";
import type { StreamDecoder, StreamEncoder } from "../../model/dialect.ts";
import { AnswerSoFar } from "./answer-so-far.ts";
import type { ContinuableAnswer, HandOver } from "./hand-over.ts";

/** Reads along in a stream that passes through untouched, for as long as another target could go on with it. */
export class PassingAnswer implements ContinuableAnswer {
  readonly #decoder: StreamDecoder;
  readonly #openEncoder: () => StreamEncoder;
  readonly #soFar = new AnswerSoFar();

  /** `openEncoder` opens one that says the stream to its client. */
  constructor(decoder: StreamDecoder, openEncoder: () => StreamEncoder) {
    this.#decoder = decoder;
    this.#openEncoder = openEncoder;
  }

  /** Takes one whole server-sent event that goes to the client: `bytes[start, end)`. */
  see(bytes: Uint8Array, start: number, end: number): void {
    if (this.#soFar.isSpoiled) return;
    const { data, event } = readEvent(bytes, start, end);
    if (data === "" && event === undefined) return;
    for (const decoded of this.#decoder.step(data, event)) this.#soFar.note(decoded);
  }

  get isContinuable(): boolean {
    return this.#soFar.isContinuable;
  }

  /** An encoder that was told what the client knows, and what that is. */
  handOver(): HandOver {
    const encoder = this.#openEncoder();
    for (const event of this.#soFar.events()) encoder.encode(event);
    return { soFar: this.#soFar, encoder };
  }
}
