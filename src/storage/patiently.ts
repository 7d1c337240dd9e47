import { isBusy } from "./open-database.ts";

/** How long a lock of another connection is waited for. */
const PATIENCE_MS = 5_000;
const PAUSE_MS = 25;

/**
 * Does work on the store, again where another connection holds the lock, for 5 s. The wait blocks nothing else of this
 * process, which a wait inside SQLite would. Work is tried again from its beginning: what it does before its first write
 * must do no harm when it is done twice.
 */
export async function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
  for (const beganMs = performance.now(); ; await Bun.sleep(PAUSE_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || performance.now() - beganMs > PATIENCE_MS) throw error;
    }
  }
}
