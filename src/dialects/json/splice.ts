import type { ByteEdit } from "./set-number.ts";

const encoder = new TextEncoder();

/**
 * The client's own bytes with some stretches changed; every other byte stays as it was. In parts, to be sent one behind
 * the other: a long prompt is not copied.
 */
export function splice(bytes: Uint8Array, edits: readonly ByteEdit[]): readonly Uint8Array[] {
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const { start, end, text } of inOrder(edits)) {
    parts.push(bytes.subarray(from, start), encoder.encode(text));
    from = end;
  }
  parts.push(bytes.subarray(from));
  return parts;
}

function inOrder(edits: readonly ByteEdit[]): readonly ByteEdit[] {
  return edits.length === 1 ? edits : edits.toSorted((one, other) => one.start - other.start);
}
