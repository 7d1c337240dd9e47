const indexOf = Buffer.prototype.indexOf;

/** Offset of the first `needle` in `bytes` at or after `from`, or -1. Native search, without a view of the bytes. */
export function find(bytes: Uint8Array, needle: Uint8Array, from: number): number {
  return indexOf.call(bytes, needle, from);
}

/** As `find`, but -1 where the hit would reach past `end`. */
export function findWithin(bytes: Uint8Array, needle: Uint8Array, from: number, end: number): number {
  const at = find(bytes, needle, from);
  return at === -1 || at + needle.byteLength > end ? -1 : at;
}
