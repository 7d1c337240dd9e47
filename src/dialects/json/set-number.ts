import type { NumberPath } from "../../model/dialect.ts";
import type { ByteSpan } from "../../model/inference-request.ts";
import { parseJsonBody } from "./json-body.ts";

const OPEN_BRACE = 0x7b;

/** A stretch of bytes and what shall stand there instead. */
export interface ByteEdit extends ByteSpan {
  readonly text: string;
}

/** Where a body's top-level members stand. */
export type SpanOf = (name: string) => ByteSpan | undefined;

/**
 * The edit that makes a number of a member, which may stand inside an object of the top level. What isn't there yet is
 * put in as the first member: the body has others, so a comma follows.
 */
export function setNumber(bytes: Uint8Array, spanOf: SpanOf, path: NumberPath, value: number): ByteEdit {
  const [outer, inner] = path;
  const span = spanOf(outer);
  if (inner === undefined) {
    return span === undefined ? inserted(bytes, 0, `"${outer}":${value},`) : { ...span, text: String(value) };
  }
  if (span === undefined) return inserted(bytes, 0, `"${outer}":{"${inner}":${value}},`);
  const object = parseJsonBody(bytes.subarray(span.start, span.end));
  const within = object.spanOf(inner);
  if (within !== undefined)
    return { start: span.start + within.start, end: span.start + within.end, text: String(value) };
  const comma = Object.keys(object.value).length === 0 ? "" : ",";
  return inserted(bytes, span.start, `"${inner}":${value}${comma}`);
}

function inserted(bytes: Uint8Array, from: number, text: string): ByteEdit {
  const at = bytes.indexOf(OPEN_BRACE, from) + 1;
  return { start: at, end: at, text };
}
