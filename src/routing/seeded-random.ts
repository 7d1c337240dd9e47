/**
 * A source of numbers in [0, 1) that is the same for the same text (mulberry32): what chance decided for a request can
 * be told and repeated from the request's id alone.
 */
export function seededRandom(text: string): () => number {
  let state = Bun.hash.xxHash32(text);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
