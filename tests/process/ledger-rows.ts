import { Database } from "bun:sqlite";
import { join } from "node:path";
import type { AttemptRow, RequestRow } from "../../src/storage/schema.ts";
import { type GatewayProcess, waitUntil } from "./gateway-process.ts";

/** The ledger's rows as they stand in the store, oldest first. */
export interface LedgerRows {
  readonly attempts: readonly AttemptRow[];
  readonly requests: readonly RequestRow[];
}

/** Reads the store beside the running gateway. */
export function readLedger(gateway: GatewayProcess): LedgerRows {
  const database = new Database(join(gateway.dataFolder, "data", "gatehouse.db"), { readonly: true });
  try {
    // One transaction: a commit between the two reads would show a request without its attempts.
    return database.transaction(() => ({
      attempts: database.query<AttemptRow, []>("select * from attempts order by started_at_ms, id").all(),
      requests: database.query<RequestRow, []>("select * from requests order by received_at_ms, id").all(),
    }))();
  } finally {
    database.close();
  }
}

/** Waits until the store's rows satisfy a condition (the writer follows the journal a moment later). */
export async function waitForLedger(
  gateway: GatewayProcess,
  condition: (rows: LedgerRows) => boolean,
  limitMs = 5000,
): Promise<LedgerRows> {
  let rows = readLedger(gateway);
  await waitUntil(
    () => {
      rows = readLedger(gateway);
      return condition(rows);
    },
    limitMs,
    "the ledger's rows",
  );
  return rows;
}

/** Waits until so many attempts have ended. */
export function waitForEndedAttempts(gateway: GatewayProcess, count: number): Promise<LedgerRows> {
  return waitForLedger(
    gateway,
    ({ attempts }) => attempts.filter((row) => row.outcome !== null).length >= count,
  );
}
