import type { JournalDisk } from "./journal-disk.ts";

/** One segment being written. After a failed append the file is as it was before it. */
export class JournalFile {
  readonly #disk: JournalDisk;
  readonly #file: number;
  #size = 0;
  #isTorn = false;
  #syncing: Promise<void> = Promise.resolve();

  /** Opens the segment at `path`, which must be new. Throws what the operating system does. */
  constructor(disk: JournalDisk, path: string) {
    this.#disk = disk;
    this.#file = disk.open(path);
  }

  /** In bytes; counts whole appends only. */
  get size(): number {
    return this.#size;
  }

  /** Appends bytes, wholly or not at all. Throws what the operating system does. */
  append(bytes: Uint8Array): void {
    if (this.#isTorn) this.#takeBackTornPart();
    try {
      this.#writeAll(bytes);
    } catch (error) {
      this.#isTorn = true;
      this.#tryTakingBack();
      throw error;
    }
    this.#size += bytes.length;
  }

  /** Resolves when everything appended before is on the disk. */
  sync(): Promise<void> {
    this.#syncing = this.#disk.sync(this.#file);
    return this.#syncing;
  }

  /** The same, making the thread wait. */
  syncNow(): void {
    this.#disk.syncNow(this.#file);
  }

  /** Closes it, after a sync that is under way. */
  close(): void {
    const close = () => this.#disk.close(this.#file);
    this.#syncing.then(close, close);
  }

  #writeAll(bytes: Uint8Array): void {
    for (let written = 0; written < bytes.length; ) {
      const count = this.#disk.write(this.#file, bytes, written);
      if (count === 0) throw new Error("the disk took no bytes");
      written += count;
    }
  }

  #tryTakingBack(): void {
    try {
      this.#takeBackTornPart();
    } catch {
      // Tried again before the next append, which fails while this does.
    }
  }

  #takeBackTornPart(): void {
    this.#disk.truncate(this.#file, this.#size);
    this.#isTorn = false;
  }
}
