import type { Ledger } from "../../ledger/ledger.ts";
import type { AttemptClosing, RequestClosing, RequestOpening } from "../../model/attempt.ts";

/** What the ledger would have written of one call. */
export interface CallRecord {
  readonly attempt: AttemptClosing | undefined;
  readonly request: RequestClosing | undefined;
}

/**
 * Keeps the accounts of a check in memory, until they are taken: a gateway that runs has the data folder, and a check is
 * the operator's own, no project's.
 */
export class MemoryLedger implements Ledger {
  #attempt: AttemptClosing | undefined;
  #request: RequestClosing | undefined;

  /** The accounts of the call that ended last. */
  take(): CallRecord {
    const record = { attempt: this.#attempt, request: this.#request };
    this.#attempt = undefined;
    this.#request = undefined;
    return record;
  }

  async open(): Promise<void> {}

  close(closing: AttemptClosing): void {
    this.#attempt = closing;
  }

  finish(_opening: RequestOpening, closing: RequestClosing): void {
    this.#request = closing;
  }

  keepBodies(): void {}

  sealBodiesWith(): void {}

  lag(): ReturnType<Ledger["lag"]> {
    return { bytes: 0, oldestMs: 0 };
  }

  health(): ReturnType<Ledger["health"]> {
    return {
      storeFailure: undefined,
      journalFailure: undefined,
      rejectedLines: 0,
      droppedRecords: 0,
      droppedBodies: 0,
    };
  }

  async caughtUp(): Promise<void> {}

  async drain(): Promise<void> {}
}
