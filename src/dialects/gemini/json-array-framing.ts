import type { ClientFraming } from "../../model/dialect.ts";

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const OPEN = Buffer.from("[");
const NEXT = Buffer.from("\n,\r\n");
const CLOSE = Buffer.from("\n]");
/** White space between the elements of a JSON array: what keeps a client waiting in place of a comment. */
const SPACE = Buffer.from("\n");
const DATA = Buffer.from("data:");

/**
 * A stream as a JSON array, one chunk an element, which is what streamGenerateContent gives where `alt=sse` was not
 * asked for (https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent). Each payload's bytes stay
 * as they are. An error is an element too, and the array is never closed behind one: who reads the whole finds it
 * broken, who reads element by element finds the error.
 */
export function openJsonArrayFraming(query: URLSearchParams): ClientFraming | undefined {
  return query.get("alt") === "sse" ? undefined : new JsonArrayFraming();
}

class JsonArrayFraming implements ClientFraming {
  readonly contentType = "application/json; charset=UTF-8";
  #hasElements = false;

  frame(events: Uint8Array): Uint8Array {
    const written: Uint8Array[] = [];
    for (const payload of payloadsOf(events)) {
      written.push(this.#hasElements ? NEXT : OPEN, payload);
      this.#hasElements = true;
    }
    return written.length === 0 ? SPACE : Buffer.concat(written);
  }

  close(): Uint8Array {
    return this.#hasElements ? CLOSE : Buffer.concat([OPEN, CLOSE]);
  }
}

/** The data of each event. Several lines of data in one event are one payload, lines apart. */
function payloadsOf(events: Uint8Array): readonly Uint8Array[] {
  const payloads: Uint8Array[] = [];
  let lines: Uint8Array[] = [];
  const end = (): void => {
    if (lines.length > 0) payloads.push(joined(lines));
    lines = [];
  };
  for (let at = 0; at < events.byteLength; ) {
    const lineEnd = endOfLine(events, at);
    if (lineEnd === at) end();
    else if (startsWithData(events, at)) lines.push(dataOf(events, at, lineEnd));
    at = lineEnd + (events[lineEnd] === CARRIAGE_RETURN && events[lineEnd + 1] === LINE_FEED ? 2 : 1);
  }
  end();
  return payloads;
}

function endOfLine(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.byteLength && bytes[at] !== LINE_FEED && bytes[at] !== CARRIAGE_RETURN) at++;
  return at;
}

function startsWithData(bytes: Uint8Array, from: number): boolean {
  return DATA.every((byte, place) => bytes[from + place] === byte);
}

function dataOf(bytes: Uint8Array, from: number, end: number): Uint8Array {
  const start = from + DATA.byteLength;
  return bytes.subarray(bytes[start] === 0x20 ? start + 1 : start, end);
}

function joined(lines: readonly Uint8Array[]): Uint8Array {
  const [only] = lines;
  if (lines.length === 1 && only !== undefined) return only;
  return Buffer.concat(lines.flatMap((line, place) => (place === 0 ? [line] : [SPACE, line])));
}
