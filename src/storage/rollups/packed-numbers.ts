const FIRST_BYTES = 512;
/** Up to here the bit operators, which are faster, are exact. */
const LARGEST_OF_BITS = 0x7fffffff;

/** Puts whole numbers of zero and more behind one another, each in as few bytes as it needs (LEB128). */
export class NumberPacker {
  #bytes = new Uint8Array(FIRST_BYTES);
  #length = 0;

  /** Adds a number; what is no count counts as 0. */
  add(value: number): void {
    if (this.#length + 8 > this.#bytes.length) this.#grow();
    let rest = value > 0 ? Math.floor(value) : 0;
    while (rest > LARGEST_OF_BITS) {
      this.#bytes[this.#length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest > 127) {
      this.#bytes[this.#length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
  }

  /** A copy of all that was added; begins anew. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  #grow(): void {
    const grown = new Uint8Array(2 * this.#bytes.length);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

/** Reads what `NumberPacker` wrote. */
export class NumberUnpacker {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#offset >= this.#bytes.length;
  }

  /** The next number; 0 behind the last. */
  next(): number {
    let byte = this.#bytes[this.#offset++] ?? 0;
    if (byte < 128) return byte;
    let value = byte & 127;
    for (let scale = 128; byte > 127; scale *= 128) {
      byte = this.#bytes[this.#offset++] ?? 0;
      value += (byte & 127) * scale;
    }
    return value;
  }
}
