import { type AnswerHead, invalidHead, parseHead } from "./answer-head.ts";
import { EgressFailure } from "./failure.ts";
import { partOf } from "./part.ts";

const MAX_HEAD_BYTES = 64 * 1024;
const END = Buffer.from("\r\n\r\n");
const NOTHING = new Uint8Array(0);
/** Native, and at home on any bytes. */
const { indexOf, toString: textOf } = Buffer.prototype;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** A head, and where in the bytes that completed it the body begins. */
export interface ReadHead {
  readonly head: AnswerHead;
  /** What came behind the head. */
  readonly rest: Uint8Array;
}

/**
 * Finds an answer's head in the bytes of a connection, however they are cut. Interim answers (100, 103) are passed
 * over (RFC 9110, 15.2); 101 is refused, as no upgrade was asked for. One for each answer.
 */
export class HeadReader {
  #held: Uint8Array = NOTHING;

  /** Gives the head once it is whole. Throws an EgressFailure on what is none, or longer than 64 KB. */
  push(bytes: Uint8Array): ReadHead | undefined {
    let unread = this.#held.byteLength === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    for (;;) {
      const end = indexOf.call(unread, END) + END.byteLength;
      if (end > MAX_HEAD_BYTES || (end < END.byteLength && unread.byteLength > MAX_HEAD_BYTES))
        throw tooLong();
      if (end < END.byteLength) return this.#hold(unread);
      const head = parseHead(textOf.call(unread, "latin1", 0, end));
      const rest = partOf(unread, end, unread.byteLength);
      if (head.status === 101) throw invalidHead("an upgrade that nobody asked for");
      if (head.status >= 200) return { head, rest };
      unread = rest;
    }
  }

  /** A head that could never become one is refused now: a server that ends lines by LF alone would never end it. */
  #hold(unread: Uint8Array): undefined {
    if (!"HTTP/1.".startsWith(textOf.call(unread, "latin1", 0, 7))) throw invalidHead("no status line");
    for (let at = unread.indexOf(LINE_FEED); at !== -1; at = unread.indexOf(LINE_FEED, at + 1)) {
      if (unread[at - 1] !== CARRIAGE_RETURN) throw invalidHead("a line that ends with LF alone");
    }
    this.#held = unread;
    return undefined;
  }
}

function tooLong(): EgressFailure {
  return new EgressFailure(
    "invalid",
    "HEAD_TOO_LONG",
    `the answer's head is longer than ${MAX_HEAD_BYTES} bytes`,
  );
}
