const QUOTE = 0x22;
const BACKSLASH = 0x5c;
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

/** Offset of the quote that closes the string whose first character stands at `from`, or `end`. */
export function jsonStringEnd(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    if (bytes[at] === BACKSLASH) at++;
    else if (bytes[at] === QUOTE) return at;
  }
  return end;
}

/** True where `bytes[start, end)` are these. */
export function isSame(bytes: Uint8Array, start: number, end: number, expected: Uint8Array): boolean {
  if (end - start !== expected.byteLength) return false;
  for (let at = 0; at < expected.byteLength; at++) if (bytes[start + at] !== expected[at]) return false;
  return true;
}

function skipSpace(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && (bytes[at] ?? 0) <= 0x20) at++;
  return at;
}
