const STRIDE = 4096;

/** Offset of the first byte that is not UTF-8, or the length where the text ends inside a character. */
export function utf8ErrorOffset(bytes: Uint8Array): number {
  let start = 0;
  const decoder = new TextDecoder("utf-8", { fatal: true });
  while (start < bytes.length && decodes(decoder, bytes.subarray(start, start + STRIDE))) start += STRIDE;
  // A character may begin in the stride before: up to three bytes back.
  let at = Math.max(0, Math.min(start, bytes.length) - 3);
  while (at > 0 && at < bytes.length && isContinuation(bytes[at] ?? 0)) at--;
  const careful = new TextDecoder("utf-8", { fatal: true });
  while (at < bytes.length && decodes(careful, bytes.subarray(at, at + 1))) at++;
  return at;
}

function decodes(decoder: TextDecoder, bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80;
