interface Due {
  readonly atMs: number;
  /** Of equal times the earlier asked comes first. */
  readonly order: number;
  readonly work: () => void;
}

/** What happens when, on a clock that stands still between: a binary heap of what is still to come. */
export class Events {
  nowMs = 0;
  readonly #heap: Due[] = [];
  #asked = 0;

  /** Has something done at a time; at once where that has passed already. */
  at(atMs: number, work: () => void): void {
    const due = { atMs: Math.max(atMs, this.nowMs), order: this.#asked++, work };
    const heap = this.#heap;
    let place = heap.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(due, parent)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = due;
  }

  /** Lets everything happen that is due before a time. */
  runBefore(untilMs: number): void {
    for (let next = this.#heap[0]; next !== undefined && next.atMs < untilMs; next = this.#heap[0]) {
      this.#removeFirst();
      this.nowMs = next.atMs;
      next.work();
    }
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const moved = heap.pop();
    if (moved === undefined || heap.length === 0) return;
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      const [one, other] = [heap[left], heap[left + 1]];
      if (one === undefined) break;
      const isRight = other !== undefined && isBefore(other, one);
      const child = isRight ? other : one;
      if (!isBefore(child, moved)) break;
      heap[place] = child;
      place = isRight ? left + 1 : left;
    }
    heap[place] = moved;
  }
}

function isBefore(one: Due, other: Due): boolean {
  return one.atMs === other.atMs ? one.order < other.order : one.atMs < other.atMs;
}
