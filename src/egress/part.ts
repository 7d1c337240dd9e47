/** Up to here the runtime keeps a typed array's bytes inside itself. */
const MAX_INLINE_BYTES = 1000;

/**
 * A part of a read. A small one is copied, which is cheaper than a view of it: for a view the runtime must first give
 * the read an ArrayBuffer of its own, and that was a tenth of what a streamed event cost.
 */
export function partOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return end - start <= MAX_INLINE_BYTES ? bytes.slice(start, end) : bytes.subarray(start, end);
}
