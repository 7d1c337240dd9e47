import { GatewayError } from "../../model/gateway-error.ts";

/** How deep a request body may nest. */
export const MAX_JSON_DEPTH = 128;
/** How many values (objects, arrays, strings, numbers, literals; not member names) a request body may hold. */
export const MAX_JSON_VALUES = 1_000_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** A native search costs about as much as looking at this many bytes one by one. */
const SEARCH_BYTE_BY_BYTE = 32;

/** Numbers per top-level member in `scanJsonStructure`'s result: start and end of its name, start and end of its value. */
export const MEMBER_STRIDE = 4;

/**
 * Walks over the structure of a JSON text, once, before it is parsed, and gives where the top-level members stand:
 * MEMBER_STRIDE byte offsets each, quotes of the name included. Throws `json_too_complex`.
 *
 * The bounds must come before JSON.parse: for 30 million `[` JavaScriptCore's takes 9 seconds and 2.3 GB. The walk does
 * not judge the grammar. Whatever it makes of a broken text, JSON.parse refuses that text afterwards; for a sound one
 * the offsets are right (tests/dialects/json-body.test.ts checks both).
 */
export function scanJsonStructure(bytes: Uint8Array): readonly number[] {
  const members: number[] = [];
  const length = bytes.length;
  let depth = 0;
  let values = 0;
  let tokenStart = -1;
  let tokenEnd = -1;
  let nameStart = -1;
  let nameEnd = -1;
  let valueStart = -1;
  let at = 0;
  while (at < length) {
    const byte = bytes[at] ?? 0;
    if (byte <= SPACE) {
      at++;
      continue;
    }
    if (byte === COLON) {
      // What came before the colon was a name, not a value.
      values--;
      if (depth === 1) {
        nameStart = tokenStart;
        nameEnd = tokenEnd;
        valueStart = -1;
      }
      at++;
      continue;
    }
    if (byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (depth === 1 && nameStart !== -1) {
        members.push(nameStart, nameEnd, valueStart, tokenEnd);
        nameStart = -1;
      }
      at++;
      if (byte !== COMMA) {
        depth--;
        tokenEnd = at;
      }
      continue;
    }
    if (++values > MAX_JSON_VALUES) throw new GatewayError("json_too_complex");
    if (depth === 1) {
      tokenStart = at;
      if (valueStart === -1) valueStart = at;
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > MAX_JSON_DEPTH) throw new GatewayError("json_too_complex");
      at++;
      continue;
    }
    at = byte === QUOTE ? stringEnd(bytes, at + 1) : scalarEnd(bytes, at + 1);
    tokenEnd = at;
  }
  return members;
}

/** Offset behind the closing quote, or the end of the bytes. */
function stringEnd(bytes: Uint8Array, from: number): number {
  let at = from;
  for (;;) {
    const near = Math.min(at + SEARCH_BYTE_BY_BYTE, bytes.length);
    while (at < near) {
      const byte = bytes[at];
      if (byte === QUOTE) return at + 1;
      at += byte === BACKSLASH ? 2 : 1;
    }
    if (at >= bytes.length) return bytes.length;
    const quote = bytes.indexOf(QUOTE, at);
    if (quote === -1) return bytes.length;
    if (!isEscaped(bytes, quote, at)) return quote + 1;
    at = quote + 1;
  }
}

/** True where an odd number of backslashes stands before `at`; those before `from` belong to finished escapes. */
function isEscaped(bytes: Uint8Array, at: number, from: number): boolean {
  let first = at;
  while (first > from && bytes[first - 1] === BACKSLASH) first--;
  return (at - first) % 2 === 1;
}

function scalarEnd(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0;
    if (byte <= SPACE || byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET) break;
    if (byte === COLON || byte === QUOTE || byte === OPEN_BRACE || byte === OPEN_BRACKET) break;
    at++;
  }
  return at;
}
