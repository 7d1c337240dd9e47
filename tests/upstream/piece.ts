/** A run of the body's bytes and how many events end in it. */
export interface Piece {
  readonly bytes: Buffer;
  readonly events: number;
}

/** The first pieces, up to and with the one in which the nth event ends; none for 0. */
export function* takeEvents(pieces: Iterable<Piece>, count: number): Generator<Piece> {
  let events = 0;
  if (count <= 0) return;
  for (const piece of pieces) {
    yield piece;
    events += piece.events;
    if (events >= count) return;
  }
}

/** The first `count` bytes; the last piece may be cut, and its event then doesn't count. */
export function* takeBytes(pieces: Iterable<Piece>, count: number): Generator<Piece> {
  let left = count;
  for (const piece of pieces) {
    if (left <= 0) return;
    yield piece.bytes.length <= left ? piece : { bytes: piece.bytes.subarray(0, left), events: 0 };
    left -= piece.bytes.length;
  }
}

export function join(pieces: Iterable<Piece>): Piece {
  const all = [...pieces];
  return {
    bytes: Buffer.concat(all.map((piece) => piece.bytes)),
    events: all.reduce((sum, piece) => sum + piece.events, 0),
  };
}

/** An iterable that can be walked again and again, from a generator that can't. */
export function repeatable(generate: () => Iterable<Piece>): Iterable<Piece> {
  return { [Symbol.iterator]: () => generate()[Symbol.iterator]() };
}
