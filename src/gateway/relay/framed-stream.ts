import type { ClientFraming } from "../../model/dialect.ts";
import type { ClientStream } from "./client-stream.ts";

type Next = IteratorResult<Uint8Array, undefined>;

/**
 * A client's stream in another framing than server-sent events. What is read is what the stream itself gives, piece by
 * piece, so nothing piles up here either; behind a failure nothing follows that could make it look like an end.
 */
export class FramedStream implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #stream: ClientStream;
  readonly #framing: ClientFraming;
  #closed = false;

  constructor(stream: ClientStream, framing: ClientFraming) {
    this.#stream = stream;
    this.#framing = framing;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<Next> {
    const { done, value } = await this.#stream.next();
    if (done !== true) return { done: false, value: this.#framing.frame(value) };
    if (this.#closed || !this.#stream.isWhole) return { done: true, value: undefined };
    this.#closed = true;
    return { done: false, value: this.#framing.close() };
  }

  /** The client left. */
  return(): Promise<Next> {
    return this.#stream.return();
  }
}
