/** One that waits. */
interface Waiting {
  readonly project: string;
  readonly take: () => void;
}

/**
 * Calls that wait for a place where only so many may be under way at once. Projects take turns, each in the order of its
 * own calls: one that sends many keeps none of the others waiting for longer than its own turn.
 */
export class QueueForPlaces {
  /** In the order of turns. */
  readonly #lines = new Map<string, Waiting[]>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Lines up. `take` is called when its turn has come. Gives what leaves the line before that. */
  add(project: string, take: () => void): () => void {
    const waiting = { project, take };
    const line = this.#lines.get(project) ?? [];
    line.push(waiting);
    this.#lines.set(project, line);
    this.#length++;
    return () => this.#remove(waiting);
  }

  /** The one whose turn it is takes its place; false where nobody waits. */
  serve(): boolean {
    for (const [project, line] of this.#lines) {
      const next = line.shift();
      // Behind the others until its next turn.
      this.#lines.delete(project);
      if (line.length > 0) this.#lines.set(project, line);
      if (next === undefined) continue;
      this.#length--;
      next.take();
      return true;
    }
    return false;
  }

  #remove(waiting: Waiting): void {
    const line = this.#lines.get(waiting.project);
    const place = line?.indexOf(waiting) ?? -1;
    if (line === undefined || place === -1) return;
    line.splice(place, 1);
    this.#length--;
    if (line.length === 0) this.#lines.delete(waiting.project);
  }
}
