import { findWithin } from "./find.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/**
 * Offset of the value of the first member of that name between `from` and `end`, or -1. `name` holds its quotes: quoted
 * like this it can't stand inside a JSON string (there the quotes are escaped), so a byte search finds members only, or
 * string values, which no colon follows.
 */
export function memberValue(bytes: Uint8Array, name: Uint8Array, from: number, end: number): number {
  let at = findWithin(bytes, name, from, end);
  while (at !== -1) {
    const colon = skipSpace(bytes, at + name.byteLength, end);
    if (bytes[colon] === COLON) return skipSpace(bytes, colon + 1, end);
    at = findWithin(bytes, name, at + 1, end);
  }
  return -1;
}

/** How many bytes stand between the quotes of the string that begins at `from`; 0 for what is no string. */
export function stringLength(bytes: Uint8Array, from: number, end: number): number {
  if (bytes[from] !== QUOTE) return 0;
  for (let at = from + 1; at < end; at++) {
    if (bytes[at] === BACKSLASH) at++;
    else if (bytes[at] === QUOTE) return at - from - 1;
  }
  return Math.max(0, end - from - 1);
}

/** True where `word`, with its quotes, stands at `at`. */
export function startsWith(bytes: Uint8Array, word: Uint8Array, at: number): boolean {
  for (let i = 0; i < word.byteLength; i++) if (bytes[at + i] !== word[i]) return false;
  return true;
}

function skipSpace(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && (bytes[at] ?? 0) <= 0x20) at++;
  return at;
}
