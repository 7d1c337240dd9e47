import { isSame, jsonStringEnd, skipSpace } from "./json-bytes.ts";

const QUOTE = 0x22;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACE = 0x7d;
const CLOSE_BRACKET = 0x5d;

/**
 * Offset of the value of the first member of that name in the object that begins at or after `from`; only the object's
 * own members count, none of what is nested in it. -1 where there is none before `end`. Allocates nothing.
 */
export function topLevelMember(bytes: Uint8Array, name: Uint8Array, from: number, end: number): number {
  let depth = 0;
  for (let at = from; at < end; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      const close = jsonStringEnd(bytes, at + 1, end);
      if (depth === 1 && isSame(bytes, at + 1, close, name)) {
        const colon = skipSpace(bytes, close + 1, end);
        if (bytes[colon] === COLON) return skipSpace(bytes, colon + 1, end);
      }
      at = close;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
    else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --depth === 0) return -1;
  }
  return -1;
}
