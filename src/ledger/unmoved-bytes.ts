import type { JournalProgress } from "./journal-progress.ts";
import { listSegments, segmentSize } from "./journal-segments.ts";

/** How much of the journal is not in the tables yet. */
export class UnmovedBytes {
  readonly #progress: JournalProgress;
  readonly #sizes = new Map<number, number>();
  #atMost = 0;

  /** Begins with the segments that are in `folder`. */
  constructor(folder: string, progress: JournalProgress) {
    this.#progress = progress;
    for (const segment of listSegments(folder)) this.#sizes.set(segment, segmentSize(folder, segment));
    this.count();
  }

  /** What it can be at most: costs nothing, but forgets what was moved since `count`. */
  get atMost(): number {
    return this.#atMost;
  }

  /** Notes that a segment was lengthened. */
  grow(segment: number, bytes: number): void {
    this.#sizes.set(segment, (this.#sizes.get(segment) ?? 0) + bytes);
    this.#atMost += bytes;
  }

  /** What it is now. */
  count(): number {
    const { moved } = this.#progress;
    let bytes = 0;
    for (const [segment, size] of this.#sizes) {
      if (segment < moved.segment) this.#sizes.delete(segment);
      else bytes += segment === moved.segment ? Math.max(0, size - moved.offset) : size;
    }
    this.#atMost = bytes;
    return bytes;
  }
}
