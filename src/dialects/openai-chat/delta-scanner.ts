const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

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
      const close = stringEnd(bytes, at + 1, end);
      if (isName(bytes, close + 1, end)) structural = isStructural(bytes, at + 1, close);
      else if (!structural) generated += close - at - 1;
      at = close;
    }
  }
  return generated;
}

function stringEnd(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    if (bytes[at] === BACKSLASH) at++;
    else if (bytes[at] === QUOTE) return at;
  }
  return end;
}

function isName(bytes: Uint8Array, from: number, end: number): boolean {
  let at = from;
  while (at < end && (bytes[at] ?? 0) <= 0x20) at++;
  return bytes[at] === COLON;
}

function isStructural(bytes: Uint8Array, start: number, end: number): boolean {
  for (const name of STRUCTURAL) {
    if (name.byteLength !== end - start) continue;
    let same = 0;
    while (same < name.byteLength && bytes[start + same] === name[same]) same++;
    if (same === name.byteLength) return true;
  }
  return false;
}
