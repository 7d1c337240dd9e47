const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

// Looking at JSON that passes by, as bytes. Nothing here allocates.

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

/** Offset of the first byte at or after `from` that is no white space, or `end`. */
export function skipSpace(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && (bytes[at] ?? 0) <= 0x20) at++;
  return at;
}

/** True where a colon follows: what stands before `from` is a member's name. */
export function isNameBefore(bytes: Uint8Array, from: number, end: number): boolean {
  return bytes[skipSpace(bytes, from, end)] === COLON;
}
