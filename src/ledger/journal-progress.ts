import type { JournalPosition } from "../storage/batch.ts";
import { positionFromNumber, positionToNumber } from "./journal-segments.ts";

const WRITTEN = 0;
const MOVED = 1;

/**
 * How far the journal is written and how far it is moved into the tables: two positions shared by the thread that
 * writes the journal and the one that moves it. Bytes beyond `written` may still be taken back, so nobody reads them.
 */
export class JournalProgress {
  readonly memory: SharedArrayBuffer;
  readonly #positions: BigInt64Array;

  constructor(memory = new SharedArrayBuffer(2 * BigInt64Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#positions = new BigInt64Array(memory);
  }

  get written(): JournalPosition {
    return this.#load(WRITTEN);
  }

  set written(position: JournalPosition) {
    this.#store(WRITTEN, position);
  }

  get moved(): JournalPosition {
    return this.#load(MOVED);
  }

  set moved(position: JournalPosition) {
    this.#store(MOVED, position);
  }

  #load(index: number): JournalPosition {
    return positionFromNumber(Number(Atomics.load(this.#positions, index)));
  }

  #store(index: number, position: JournalPosition): void {
    Atomics.store(this.#positions, index, BigInt(positionToNumber(position)));
  }
}
