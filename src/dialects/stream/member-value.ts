import { skipSpace } from "../json/json-bytes.ts";
import { findWithin } from "./find.ts";

const COLON = 0x3a;

/**
 * Offset of the value of the first member of that name at or after `from`, at whatever depth, or -1. `name` is quoted: a
 * quoted name followed by its closing quote can't stand inside a JSON string, where the quotes are escaped. Allocates
 * nothing.
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
