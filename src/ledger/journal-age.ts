interface Mark {
  readonly position: number;
  readonly atMs: number;
}

const MARK_SPACING_MS = 100;
const MAX_MARKS = 1024;

/** Tells how long the oldest part of the journal has been waiting, to a tenth of a second, in bounded memory. */
export class JournalAge {
  #marks: Mark[] = [];

  /** Notes that bytes from `position` on were written at `atMs` or later. */
  note(position: number, atMs: number): void {
    const last = this.#marks.at(-1);
    if (last !== undefined && atMs - last.atMs < MARK_SPACING_MS) return;
    this.#marks.push({ position, atMs });
    // A store that is down for days: keep every second mark, and be twice as coarse.
    if (this.#marks.length > MAX_MARKS) this.#marks = this.#marks.filter((_, index) => index % 2 === 0);
  }

  /** When the byte at `position` was written, at the earliest; undefined where nothing was noted. */
  writtenAtMs(position: number): number | undefined {
    const current = Math.max(
      this.#marks.findLastIndex((mark) => mark.position <= position),
      0,
    );
    if (current > 0) this.#marks = this.#marks.slice(current);
    return this.#marks[0]?.atMs;
  }
}
