import type { NumberPacker, NumberUnpacker } from "./packed-numbers.ts";

/** A percentile differs from the true one by at most this share of it, before it is rounded to a whole millisecond. */
export const SKETCH_ACCURACY = 0.01;

/** How much wider each bin is than the one before. */
const GROWTH = (1 + SKETCH_ACCURACY) / (1 - SKETCH_ACCURACY);
const LOG_GROWTH = Math.log(GROWTH);
/** More than 24 days: what is longer counts as this. */
const LONGEST_MS = 2 ** 31;
/** Bins kept free on either side of the first one, so that most values find theirs there. */
const MARGIN = 24;

/**
 * How durations are spread, in bins whose width grows with the duration (DDSketch, https://arxiv.org/abs/1908.10693): any
 * percentile of any number of them, to a stated accuracy, in a few hundred bytes. Two are merged by adding up their bins,
 * so hours make days, and keys make projects, without losing any accuracy.
 */
export class DurationSketch {
  /** Counts of the bins from `#first` on. Bin 0 is for what took no time. A typed array takes five times as long to make. */
  #counts: number[] = [];
  #first = 0;
  #total = 0;

  /** How many durations there are. */
  get count(): number {
    return this.#total;
  }

  /** Adds a duration in milliseconds. */
  add(ms: number): void {
    this.#addToBin(binOf(ms), 1);
  }

  /** Adds all that another one holds. */
  merge(other: DurationSketch): void {
    for (let index = 0; index < other.#counts.length; index++) {
      const count = other.#counts[index] ?? 0;
      if (count > 0) this.#addToBin(other.#first + index, count);
    }
  }

  /**
   * The least duration that at least so many percent of all don't exceed (nearest rank), in whole milliseconds; undefined
   * where there is none.
   */
  percentile(percent: number): number | undefined {
    if (this.#total === 0) return undefined;
    let left = Math.max(1, Math.ceil((percent * this.#total) / 100));
    for (let index = 0; index < this.#counts.length; index++) {
      left -= this.#counts[index] ?? 0;
      if (left <= 0) return middleOf(this.#first + index);
    }
    return undefined;
  }

  /** Adds it to packed numbers: how many bins are not empty, then each one's distance from the one before and its count. */
  pack(packer: NumberPacker): void {
    let filled = 0;
    for (const count of this.#counts) if (count > 0) filled++;
    packer.add(filled);
    let before = 0;
    for (let index = 0; index < this.#counts.length; index++) {
      const count = this.#counts[index] ?? 0;
      if (count === 0) continue;
      packer.add(this.#first + index - before);
      packer.add(count);
      before = this.#first + index;
    }
  }

  /** Adds what was packed. */
  addPacked(unpacker: NumberUnpacker): void {
    let bin = 0;
    for (let filled = unpacker.next(); filled > 0; filled--) {
      bin += unpacker.next();
      this.#addToBin(Math.min(bin, LAST_BIN), unpacker.next());
    }
  }

  #addToBin(bin: number, count: number): void {
    let index = bin - this.#first;
    if (index < 0 || index >= this.#counts.length) {
      this.#makeRoom(bin);
      index = bin - this.#first;
    }
    this.#counts[index] = (this.#counts[index] ?? 0) + count;
    this.#total += count;
  }

  #makeRoom(bin: number): void {
    const isFirst = this.#counts.length === 0;
    const from = Math.max(0, Math.min(isFirst ? bin : this.#first, bin - MARGIN));
    const to = Math.max(this.#first + this.#counts.length, bin + MARGIN);
    const counts: number[] = [];
    for (let one = from; one < to; one++) counts.push(this.#counts[one - this.#first] ?? 0);
    this.#counts = counts;
    this.#first = from;
  }
}

/** Bin n holds what is longer than GROWTH ^ (n - 2) and at most GROWTH ^ (n - 1) milliseconds. */
function binOf(ms: number): number {
  if (!(ms >= 0.5)) return 0;
  const whole = Math.min(Math.round(ms), LONGEST_MS);
  return 1 + Math.ceil(Math.log(whole) / LOG_GROWTH);
}

const LAST_BIN = binOf(LONGEST_MS);

/** What differs from both ends of a bin by the same share. */
function middleOf(bin: number): number {
  return bin === 0 ? 0 : Math.round((2 * GROWTH ** (bin - 1)) / (GROWTH + 1));
}
