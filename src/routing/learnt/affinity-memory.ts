/** Conversations come from clients: the longest unused are forgotten beyond so many. */
const MAX_KEPT = 50_000;

interface Kept {
  readonly target: string;
  readonly untilMs: number;
}

/** Where conversations were last answered, as long as the provider's cache may still know them. Bounded. */
export class AffinityMemory {
  readonly #kept = new Map<string, Kept>();

  get size(): number {
    return this.#kept.size;
  }

  /** The target that still has it in its cache. */
  warmTarget(key: string, nowMs: number): string | undefined {
    const kept = this.#kept.get(key);
    return kept === undefined || kept.untilMs <= nowMs ? undefined : kept.target;
  }

  /** It was sent there, which the cache will know until then. */
  note(key: string, target: string, untilMs: number): void {
    // Taken out first, so that the order of the map is that of last use.
    this.#kept.delete(key);
    this.#kept.set(key, { target, untilMs });
    if (this.#kept.size <= MAX_KEPT) return;
    for (const oldest of this.#kept.keys()) {
      this.#kept.delete(oldest);
      break;
    }
  }
}
