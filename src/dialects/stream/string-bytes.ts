const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** How many bytes stand between the quotes of the JSON string that begins at `from`; 0 for what is no string. */
export function stringLength(bytes: Uint8Array, from: number, end: number): number {
  if (bytes[from] !== QUOTE) return 0;
  for (let at = from + 1; at < end; at++) {
    if (bytes[at] === BACKSLASH) at++;
    else if (bytes[at] === QUOTE) return at - from - 1;
  }
  return Math.max(0, end - from - 1);
}

/** True where `word`, with its quotes, stands at `at`. */
export function standsAt(bytes: Uint8Array, word: Uint8Array, at: number): boolean {
  for (let i = 0; i < word.byteLength; i++) if (bytes[at + i] !== word[i]) return false;
  return true;
}
