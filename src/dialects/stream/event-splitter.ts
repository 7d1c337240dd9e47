const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const NOTHING = new Uint8Array(0);

/** Looks at one whole event, `bytes[start, end)` with its closing blank line. */
export type EventVisitor = (bytes: Uint8Array, start: number, end: number) => void;

/**
 * Cuts a byte stream into whole server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html:
 * lines end with LF, CRLF or CR; a blank line ends an event) whatever way the network split it. Whole events are given
 * on at once; a begun one is held until its end comes, so that nothing half-said is ever passed to a client.
 */
export class EventSplitter {
  #held: Uint8Array = NOTHING;
  #heldLength = 0;
  #maxEventBytes: number;
  #carriageReturns = false;

  /** An event longer than `maxEventBytes` makes `push` throw a RangeError: memory per stream is bounded. */
  constructor(maxEventBytes: number) {
    this.#maxEventBytes = maxEventBytes;
  }

  /** Bytes of a begun event that wait for its end. */
  get heldBytes(): number {
    return this.#heldLength;
  }

  /** Visits each event that `chunk` completes and gives all their bytes, or undefined where it completes none. */
  push(chunk: Uint8Array, visit: EventVisitor): Uint8Array | undefined {
    if (!this.#carriageReturns && chunk.includes(CARRIAGE_RETURN)) this.#carriageReturns = true;
    const isJoined = this.#heldLength > 0;
    const bytes = isJoined ? this.#join(chunk) : chunk;
    let start = 0;
    for (let end = this.#eventEnd(bytes, 0); end !== -1; end = this.#eventEnd(bytes, start)) {
      visit(bytes, start, end);
      start = end;
    }
    // What is given on must not share memory with what is held: the next chunk is joined in place.
    if (start === bytes.byteLength) {
      this.#heldLength = 0;
      return isJoined ? bytes.slice() : bytes;
    }
    const whole = start === 0 ? undefined : bytes.slice(0, start);
    this.#hold(bytes, start, isJoined);
    return whole;
  }

  /** The bytes of an event that was begun and never ended. */
  rest(): Uint8Array {
    return this.#held.subarray(0, this.#heldLength);
  }

  #join(chunk: Uint8Array): Uint8Array {
    const length = this.#heldLength + chunk.byteLength;
    if (length > this.#held.byteLength) this.#grow(length);
    this.#held.set(chunk, this.#heldLength);
    return this.#held.subarray(0, length);
  }

  #hold(bytes: Uint8Array, start: number, isJoined: boolean): void {
    const length = bytes.byteLength - start;
    if (length > this.#maxEventBytes)
      throw new RangeError(`an event is longer than ${this.#maxEventBytes} bytes`);
    // Joined from the start on, it lies where it is to be held.
    if (start > 0 || !isJoined) {
      const tail = bytes.subarray(start);
      if (length > this.#held.byteLength) this.#held = new Uint8Array(Math.max(1024, 2 * length));
      this.#held.set(tail);
    }
    this.#heldLength = length;
  }

  /** Doubling keeps a stream that comes byte by byte linear. */
  #grow(length: number): void {
    const grown = new Uint8Array(2 * length);
    grown.set(this.#held.subarray(0, this.#heldLength));
    this.#held = grown;
  }

  #eventEnd(bytes: Uint8Array, from: number): number {
    return this.#carriageReturns ? eventEndAnyLine(bytes, from) : eventEndLineFeed(bytes, from);
  }
}

function eventEndLineFeed(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(LINE_FEED, from); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) {
    if (bytes[at + 1] === LINE_FEED) return at + 2;
  }
  return -1;
}

/** A CR that ends the buffer may be half of a CRLF, so the event it would close waits for the next byte. */
function eventEndAnyLine(bytes: Uint8Array, from: number): number {
  let lineStart = from;
  for (let at = from; at < bytes.byteLength; at++) {
    const byte = bytes[at];
    if (byte !== LINE_FEED && byte !== CARRIAGE_RETURN) continue;
    if (byte === CARRIAGE_RETURN && at + 1 === bytes.byteLength) return -1;
    const next = byte === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED ? at + 2 : at + 1;
    if (at === lineStart && lineStart !== from) return next;
    lineStart = next;
    at = next - 1;
  }
  return -1;
}
