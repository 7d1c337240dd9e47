interface Waiting {
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

/** Group commit: those who ask while one sync is under way share the next. */
export class SyncQueue {
  #waiting: Waiting[] = [];
  #isRunning = false;

  /** Calls `resolve` when a sync that began after now has ended well, `reject` when it has not. */
  add(sync: () => Promise<void>, resolve: () => void, reject: (cause: unknown) => void): void {
    this.#waiting.push({ resolve, reject });
    if (!this.#isRunning) void this.#run(sync);
  }

  async #run(sync: () => Promise<void>): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        await sync();
        for (const waiting of group) waiting.resolve();
      } catch (cause) {
        for (const waiting of group) waiting.reject(cause);
      }
    }
    this.#isRunning = false;
  }
}
