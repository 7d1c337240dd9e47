import type { Kysely } from "kysely";
import { latestRevision } from "./change.ts";
import type { Tables } from "./schema.ts";

const POLL_MS = 250;

/** Something in memory that follows the store. */
export interface Follower {
  /** Takes in what changed since the last time. */
  refresh(): Promise<void>;
}

/**
 * Keeps what this process holds in memory in step with the store. What the process changes itself is taken in at once
 * (`refresh`); what another one does (the command line) is seen within `POLL_MS` and the queries.
 */
export class ChangeWatch {
  readonly #store: Kysely<Tables>;
  readonly #followers: readonly Follower[];
  readonly #onFailure: (error: unknown) => void;
  #revision: number | undefined;
  #refreshing: Promise<void> = Promise.resolve();
  #timer: Timer | undefined;

  /** `onFailure` hears of a poll that failed; the next one tries again. */
  constructor(store: Kysely<Tables>, followers: readonly Follower[], onFailure: (error: unknown) => void) {
    this.#store = store;
    this.#followers = followers;
    this.#onFailure = onFailure;
  }

  /** Begins to watch. */
  start(): void {
    this.#timer = setTimeout(async () => {
      await this.refresh().catch(this.#onFailure);
      if (this.#timer !== undefined) this.start();
    }, POLL_MS);
    this.#timer.unref();
  }

  /** When it resolves, every change that was committed before the call has been taken in. */
  refresh(): Promise<void> {
    // One after the other: a slower one must not put back what a later one has read.
    const refreshed = this.#refreshing.then(() => this.#follow());
    this.#refreshing = refreshed.catch(() => {});
    return refreshed;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #follow(): Promise<void> {
    const latest = await latestRevision(this.#store);
    if (latest === this.#revision) return;
    for (const follower of this.#followers) await follower.refresh();
    this.#revision = latest;
  }
}
