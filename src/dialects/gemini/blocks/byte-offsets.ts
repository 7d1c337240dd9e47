/** Places in a text, counted in UTF-8 bytes as Google does, and in UTF-16 units as we do. */
export class ByteOffsets {
  readonly text: string;
  /** Made when first asked for: most answers have no citations. */
  #bytes: Buffer | undefined;
  #isAscii = false;

  constructor(text: string) {
    this.text = text;
  }

  /** The unit at that byte; a byte inside a character counts as the character's begin. */
  unitAt(byte: number): number {
    const bytes = this.#encoded();
    let at = Math.min(Math.max(0, Math.trunc(byte)), bytes.byteLength);
    if (this.#isAscii) return at;
    while (at > 0 && isContinuation(bytes[at])) at--;
    return bytes.toString("utf8", 0, at).length;
  }

  /** The byte at that unit. */
  byteAt(unit: number): number {
    return Buffer.byteLength(this.text.slice(0, Math.max(0, unit)));
  }

  #encoded(): Buffer {
    if (this.#bytes === undefined) {
      this.#bytes = Buffer.from(this.text);
      this.#isAscii = this.#bytes.byteLength === this.text.length;
    }
    return this.#bytes;
  }
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
