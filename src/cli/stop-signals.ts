/**
 * Hears SIGTERM and SIGINT from the beginning, and remembers one that comes before there is anything to stop. The first
 * signal stops in order; a second one ends at once, which the ledger survives.
 */
export class StopSignals {
  #isTold = false;
  #stop: (() => Promise<void>) | undefined;

  constructor() {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => this.#told());
  }

  /** From now on a signal stops by this, and one that came earlier does so at once. Then the process ends with 0. */
  whenTold(stop: () => Promise<void>): void {
    this.#stop = stop;
    if (this.#isTold) void this.#end(stop);
  }

  #told(): void {
    if (this.#isTold) process.exit(130);
    this.#isTold = true;
    console.error("gatehouse: draining; once more to end at once.");
    if (this.#stop !== undefined) void this.#end(this.#stop);
  }

  async #end(stop: () => Promise<void>): Promise<void> {
    await stop();
    process.exit(0);
  }
}
