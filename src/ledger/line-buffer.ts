const FIRST_BYTES = 64 * 1024;
/** A buffer that a burst has made larger than this is let go of afterwards. */
const KEPT_BYTES = 1024 * 1024;

/**
 * Lines in UTF-8, one behind the other. Each is encoded when it is added, while its pieces are still in the processor's
 * caches: joined as strings first and encoded once a turn, the same lines cost three times as much.
 */
export class LineBuffer {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #length = 0;

  /** In bytes. */
  get length(): number {
    return this.#length;
  }

  /** Adds a line, its newline included. */
  add(line: string): void {
    // A UTF-16 unit makes three bytes at most.
    this.#reserve(3 * line.length);
    this.#length += this.#bytes.write(line, this.#length);
  }

  /** Adds all that another holds. */
  addAll(other: LineBuffer): void {
    this.#reserve(other.#length);
    this.#length += other.#bytes.copy(this.#bytes, this.#length, 0, other.#length);
  }

  /** What was added, good until the next change. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(2 * needed);
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
