import { invalidFraming } from "./body-framing.ts";
import { partOf } from "./part.ts";

const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;
const SEMICOLON = 0x3b;
const SPACE = 0x20;
const TAB = 0x09;
/** A size is followed at most by an extension of this length; no server that we know sends any. */
const MAX_LINE_BYTES = 4096;
const MAX_TRAILER_BYTES = 16 * 1024;
/** 13 hexadecimal digits make 2^52. */
const MAX_SIZE_DIGITS = 13;
const NOTHING = new Uint8Array(0);

type State =
  | "size"
  | "extension"
  | "size-feed"
  | "data"
  | "data-return"
  | "data-feed"
  | "trailer-start"
  | "trailer"
  | "trailer-feed"
  | "last-feed"
  | "done";

/**
 * Takes the chunks' framing off a body (RFC 9112, 7.1), however its bytes are cut. Extensions and trailers are read
 * over and bounded. One for each answer.
 */
export class ChunkedDecoder {
  #state: State = "size";
  /** Bytes of the current chunk that are still to come. */
  #left = 0;
  #digits = 0;
  #lineBytes = 0;
  #trailerBytes = 0;

  /** Whether the last chunk and its trailers have come. */
  get isDone(): boolean {
    return this.#state === "done";
  }

  /**
   * Decodes a read in place: the chunks that it holds are moved together inside `bytes`, so that a read is given on as
   * one piece. Gives that piece and how much of
   * `bytes` was used; the rest, if any, stands behind the body's end. Throws an EgressFailure.
   */
  decode(bytes: Uint8Array): { readonly data: Uint8Array; readonly used: number } {
    let start = 0;
    let end = 0;
    let at = 0;
    while (at < bytes.byteLength && this.#state !== "done") {
      if (this.#state !== "data") {
        this.#step(bytes[at++] ?? 0);
        continue;
      }
      const next = Math.min(at + this.#left, bytes.byteLength);
      if (end === 0) start = at;
      else bytes.copyWithin(end, at, next);
      end = (end === 0 ? start : end) + next - at;
      this.#left -= next - at;
      if (this.#left === 0) this.#state = "data-return";
      at = next;
    }
    return { data: end === 0 ? NOTHING : partOf(bytes, start, end), used: at };
  }

  #step(byte: number): void {
    switch (this.#state) {
      case "size":
        this.#size(byte);
        return;
      case "extension":
        this.#extension(byte);
        return;
      case "size-feed":
        expect(byte, LINE_FEED);
        this.#lineBytes = 0;
        this.#digits = 0;
        this.#state = this.#left === 0 ? "trailer-start" : "data";
        return;
      case "data-return":
        expect(byte, CARRIAGE_RETURN);
        this.#state = "data-feed";
        return;
      case "data-feed":
        expect(byte, LINE_FEED);
        this.#state = "size";
        return;
      default:
        this.#trailer(byte);
    }
  }

  #size(byte: number): void {
    const digit = hexDigit(byte);
    if (digit !== -1) {
      if (++this.#digits > MAX_SIZE_DIGITS) throw invalidFraming("a chunk's size beyond all bounds");
      this.#left = this.#left * 16 + digit;
      return;
    }
    if (this.#digits === 0) throw invalidFraming("a chunk without a size");
    if (byte === CARRIAGE_RETURN) this.#state = "size-feed";
    else if (byte === SEMICOLON || byte === SPACE || byte === TAB) this.#state = "extension";
    else throw invalidFraming("a chunk's size that is no number");
  }

  #extension(byte: number): void {
    if (byte === CARRIAGE_RETURN) this.#state = "size-feed";
    else if (byte === LINE_FEED || ++this.#lineBytes > MAX_LINE_BYTES)
      throw invalidFraming("a chunk's extension");
  }

  /** Lines up to an empty one. What they say is for nobody here. */
  #trailer(byte: number): void {
    if (++this.#trailerBytes > MAX_TRAILER_BYTES) throw invalidFraming("trailers beyond all bounds");
    switch (this.#state) {
      case "trailer-feed":
        expect(byte, LINE_FEED);
        this.#state = "trailer-start";
        return;
      case "last-feed":
        expect(byte, LINE_FEED);
        this.#state = "done";
        return;
      default:
        if (byte === LINE_FEED) throw invalidFraming("a trailer that ends with LF alone");
        if (byte !== CARRIAGE_RETURN) this.#state = "trailer";
        else this.#state = this.#state === "trailer-start" ? "last-feed" : "trailer-feed";
    }
  }
}

function expect(byte: number, wanted: number): void {
  if (byte !== wanted) throw invalidFraming("a chunk that does not end where its size says, with CRLF");
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
