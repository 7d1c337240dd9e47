import { isNameBefore, isSame, jsonStringEnd } from "../json/json-bytes.ts";

const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;

/** Members of a delta that name or order things: no text of the answer. */
const STRUCTURAL: readonly Uint8Array[] = ["role", "id", "type"].map((name) => Buffer.from(name));

/**
 * How many bytes of generated text (content, reasoning, refusal, tool arguments, names) the delta object that begins
 * at `from` carries. 0 for one that only sets a role or holds empty strings.
 */
export function scanDelta(bytes: Uint8Array, from: number, end: number): number {
  if (bytes[from] !== OPEN_BRACE) return 0;
  let depth = 0;
  let generated = 0;
  let structural = false;
  for (let at = from; at < end; at++) {
    const byte = bytes[at];
    if (byte === OPEN_BRACE || byte === 0x5b) depth++;
    else if (byte === 0x7d || byte === 0x5d) {
      if (--depth === 0) return generated;
    } else if (byte === QUOTE) {
      const close = jsonStringEnd(bytes, at + 1, end);
      if (isNameBefore(bytes, close + 1, end)) structural = isStructural(bytes, at + 1, close);
      else if (!structural) generated += close - at - 1;
      at = close;
    }
  }
  return generated;
}

function isStructural(bytes: Uint8Array, start: number, end: number): boolean {
  for (const name of STRUCTURAL) if (isSame(bytes, start, end, name)) return true;
  return false;
}
