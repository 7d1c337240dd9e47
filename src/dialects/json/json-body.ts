import { GatewayError } from "../../model/gateway-error.ts";
import type { ByteSpan } from "../../model/inference-request.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { jsonErrorOffset } from "./json-error-offset.ts";
import { MEMBER_STRIDE, scanJsonStructure } from "./json-structure.ts";
import { utf8ErrorOffset } from "./utf8-error-offset.ts";

/** A request body, parsed, and where its top-level members stand in the bytes. */
export interface JsonBody {
  readonly value: JsonObject;
  /** Where the value of a top-level member stands, quotes included; undefined where there is no such member. */
  spanOf(name: string): ByteSpan | undefined;
}

const BACKSLASH = 0x5c;

// Kept, not dropped: a byte order mark then fails to parse, so that offsets and bytes always agree.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads a request body: one JSON object in UTF-8 (RFC 8259). Throws `invalid_json` with the place of the fault,
 * `json_too_complex` beyond the bounds, and `invalid_request` for a top-level name that comes twice: the provider might
 * go by the other one than this gateway did.
 *
 * Member names come from the client and `__proto__` is one like any other: JSON.parse makes it an own member, and so do
 * object spread and Object.fromEntries. Never copy members by assignment.
 */
export function parseJsonBody(bytes: Uint8Array): JsonBody {
  const members = scanJsonStructure(bytes);
  const text = decode(bytes);
  const value = parse(text, bytes);
  if (!isJsonObject(value)) {
    throw new GatewayError("invalid_json", {
      message: `The request body must be one JSON object, not ${kindOf(value)}.`,
    });
  }
  if (Object.keys(value).length !== members.length / MEMBER_STRIDE) throw repeatedName(bytes, members);
  return { value, spanOf: (name) => spanOf(bytes, members, name) };
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    const offset = utf8ErrorOffset(bytes);
    throw new GatewayError("invalid_json", { message: `The request body is not UTF-8: see byte ${offset}.` });
  }
}

function parse(text: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new GatewayError("invalid_json", { message: syntaxMessage(text, bytes) });
  }
}

function syntaxMessage(text: string, bytes: Uint8Array): string {
  if (text.startsWith("\uFEFF"))
    return "The request body begins with a byte order mark, which JSON does not have.";
  const offset = jsonErrorOffset(bytes);
  if (offset >= bytes.length) {
    return bytes.length === 0
      ? "The request body is empty."
      : "The request body is not valid JSON: it ends too early.";
  }
  const before = utf8.decode(bytes.subarray(0, offset));
  const line = countOf(before, "\n") + 1;
  const column = before.length - before.lastIndexOf("\n");
  return `The request body is not valid JSON: see line ${line}, column ${column} (byte ${offset}).`;
}

function countOf(text: string, character: string): number {
  let count = 0;
  for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1)) count++;
  return count;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : `a ${typeof value}`;
}

function spanOf(bytes: Uint8Array, members: readonly number[], name: string): ByteSpan | undefined {
  for (let at = 0; at < members.length; at += MEMBER_STRIDE) {
    if (isMemberName(bytes, members[at] ?? 0, members[at + 1] ?? 0, name)) {
      return { start: members[at + 2] ?? 0, end: members[at + 3] ?? 0 };
    }
  }
  return undefined;
}

/** True where `bytes[start, end)`, quotes included, is that name of a member, however it is escaped. */
export function isMemberName(bytes: Uint8Array, start: number, end: number, name: string): boolean {
  let same = end - start === name.length + 2;
  for (let at = start + 1; at < end - 1; at++) {
    const byte = bytes[at] ?? 0;
    // Escaped ("mod\u0065l") or not ASCII: bytes and characters can't be compared one by one.
    if (byte === BACKSLASH || byte >= 0x80) return nameAt(bytes, start, end) === name;
    same &&= byte === name.charCodeAt(at - start - 1);
  }
  return same;
}

function nameAt(bytes: Uint8Array, start: number, end: number): unknown {
  return JSON.parse(utf8.decode(bytes.subarray(start, end)));
}

function repeatedName(bytes: Uint8Array, members: readonly number[]): GatewayError {
  const seen = new Set<unknown>();
  for (let at = 0; at < members.length; at += MEMBER_STRIDE) {
    const name = nameAt(bytes, members[at] ?? 0, members[at + 1] ?? 0);
    if (seen.has(name)) {
      const shown = JSON.stringify(name).slice(0, 100);
      return new GatewayError("invalid_request", {
        message: `The request body has the member ${shown} more than once.`,
        mend: "Send each member once.",
        field: shown.slice(1, -1),
      });
    }
    seen.add(name);
  }
  return new GatewayError("internal", {
    message: "The members of the request body could not be told apart.",
  });
}
