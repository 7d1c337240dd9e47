import type { ServerSentEvent, StreamFraming } from "../../../model/dialect.ts";
import { type EventStreamMessage, messageLength, PRELUDE_BYTES, readMessage } from "./message.ts";

/** No event of Converse comes near; AWS allows 16 MiB, which a stream would hold for as long as its last byte is late. */
const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;
const NOTHING = new Uint8Array(0);

/** Before the name of an event that tells of a failure: no event that is none begins so. */
export const EXCEPTION = "exception:";

const decoder = new TextDecoder();

/** A framing for one answer of ConverseStream. */
export function openFraming(): StreamFraming {
  return new AmazonEventStreamFraming();
}

/**
 * Cuts `application/vnd.amazon.eventstream` into its messages, whatever way the network split it
 * (https://smithy.io/2.0/aws/amazon-eventstream.html). Both checksums are verified; what is damaged throws a
 * RangeError, as does a message that is too long.
 *
 * An event's name is its `:event-type`. A message of another type (`exception`, `error`) tells of a failure: its name is
 * what is wrong, behind `exception:`.
 */
class AmazonEventStreamFraming implements StreamFraming {
  #held: Uint8Array = NOTHING;
  #heldLength = 0;

  push(chunk: Uint8Array, take: (event: ServerSentEvent) => void): void {
    const bytes = this.#heldLength === 0 ? chunk : this.#join(chunk);
    let start = 0;
    while (bytes.length - start >= PRELUDE_BYTES) {
      const length = messageLength(bytes, start, MAX_MESSAGE_BYTES);
      if (bytes.length - start < length) break;
      const event = eventOf(readMessage(bytes.subarray(start, start + length)));
      if (event !== undefined) take(event);
      start += length;
    }
    this.#hold(bytes, start);
  }

  /** A message that is not whole says nothing. */
  end(): void {}

  #join(chunk: Uint8Array): Uint8Array {
    const length = this.#heldLength + chunk.length;
    if (length > this.#held.length) {
      // Doubling keeps a stream that comes byte by byte linear.
      const grown = new Uint8Array(2 * length);
      grown.set(this.#held.subarray(0, this.#heldLength));
      this.#held = grown;
    }
    this.#held.set(chunk, this.#heldLength);
    return this.#held.subarray(0, length);
  }

  #hold(bytes: Uint8Array, start: number): void {
    const rest = bytes.subarray(start);
    this.#heldLength = rest.length;
    if (rest.length === 0) return;
    const isInPlace = start === 0 && bytes.buffer === this.#held.buffer;
    if (isInPlace) return;
    if (rest.length > this.#held.length) this.#held = new Uint8Array(Math.max(1024, 2 * rest.length));
    this.#held.set(rest);
  }
}

/** Messages that carry no type are not Converse's: passed over. */
function eventOf({ headers, payload }: EventStreamMessage): ServerSentEvent | undefined {
  const data = decoder.decode(payload);
  switch (headers.get(":message-type")) {
    case "event":
      return { event: headers.get(":event-type") ?? "", data };
    case "exception":
      return { event: `${EXCEPTION}${headers.get(":exception-type") ?? ""}`, data };
    case "error":
      return {
        event: `${EXCEPTION}${headers.get(":error-code") ?? ""}`,
        data: JSON.stringify({ message: headers.get(":error-message") ?? "" }),
      };
    default:
      return undefined;
  }
}
