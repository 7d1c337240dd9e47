import { crc32 } from "node:zlib";
import { readTextHeaders } from "./headers.ts";

/** Length of the message, length of its headers, checksum of those two. */
export const PRELUDE_BYTES = 12;
const CHECKSUM_BYTES = 4;

/** One message: its text headers and what it carries. */
export interface EventStreamMessage {
  readonly headers: ReadonlyMap<string, string>;
  readonly payload: Uint8Array;
}

/**
 * How long the message is that begins at `start`, all its parts together. Throws RangeError where its prelude is
 * damaged, or says more than `maxBytes`: a length that can't be trusted must not decide how much is held.
 */
export function messageLength(bytes: Uint8Array, start: number, maxBytes: number): number {
  const length = uint32(bytes, start);
  const headersLength = uint32(bytes, start + 4);
  if (crc32(bytes.subarray(start, start + 8)) !== uint32(bytes, start + 8))
    throw new RangeError("the prelude of an event is damaged: its checksum is another");
  if (length < PRELUDE_BYTES + headersLength + CHECKSUM_BYTES)
    throw new RangeError("an event is shorter than its own parts");
  if (length > maxBytes) throw new RangeError(`an event is longer than ${maxBytes} bytes`);
  return length;
}

/** The message that `bytes` are, whole. Throws RangeError where it is damaged. */
export function readMessage(bytes: Uint8Array): EventStreamMessage {
  const end = bytes.length - CHECKSUM_BYTES;
  if (crc32(bytes.subarray(0, end)) !== uint32(bytes, end))
    throw new RangeError("an event is damaged: its checksum is another");
  const headersEnd = PRELUDE_BYTES + uint32(bytes, 4);
  return {
    headers: readTextHeaders(bytes.subarray(PRELUDE_BYTES, headersEnd)),
    payload: bytes.subarray(headersEnd, end),
  };
}

function uint32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0);
}
