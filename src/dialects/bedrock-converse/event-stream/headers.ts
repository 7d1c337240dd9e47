/** The types of a header's value that have a fixed length, in bytes. */
const FIXED_LENGTHS: { readonly [type: number]: number } = {
  0: 0, // true
  1: 0, // false
  2: 1, // byte
  3: 2, // short
  4: 4, // integer
  5: 8, // long
  8: 8, // timestamp
  9: 16, // uuid
};
const BYTE_ARRAY = 6;
const STRING = 7;

const decoder = new TextDecoder();

/**
 * The text headers of a message (https://smithy.io/2.0/aws/amazon-eventstream.html, "headers"): a name with its length
 * in one byte, the value's type in one, and the value. Headers of other types say nothing that is asked for here. Throws
 * RangeError where they don't end where they should.
 */
export function readTextHeaders(bytes: Uint8Array): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  let at = 0;
  while (at < bytes.length) {
    const name = decoder.decode(take(bytes, at + 1, bytes[at] ?? 0));
    at += 1 + (bytes[at] ?? 0);
    const type = bytes[at];
    at += 1;
    const { start, length } = valueSpan(bytes, at, type);
    const value = take(bytes, start, length);
    if (type === STRING) headers.set(name, decoder.decode(value));
    at = start + length;
  }
  return headers;
}

interface Span {
  readonly start: number;
  readonly length: number;
}

function valueSpan(bytes: Uint8Array, at: number, type: number | undefined): Span {
  if (type === STRING || type === BYTE_ARRAY) {
    const [high = 0, low = 0] = take(bytes, at, 2);
    return { start: at + 2, length: high * 256 + low };
  }
  const length = type === undefined ? undefined : FIXED_LENGTHS[type];
  if (length === undefined) throw new RangeError(`a header of an event has the unknown type ${type}`);
  return { start: at, length };
}

function take(bytes: Uint8Array, start: number, length: number): Uint8Array {
  if (start + length > bytes.length) throw new RangeError("the headers of an event end too early");
  return bytes.subarray(start, start + length);
}
