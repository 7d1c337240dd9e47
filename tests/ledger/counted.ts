import type { Database } from "bun:sqlite";
import { BatchWriter, type RowBatch } from "../../src/storage/batch.ts";
import { openDatabaseInMemory } from "../../src/storage/open-sqlite.ts";
import type { AttemptRow } from "../../src/storage/schema.ts";

/** A batch of nothing, to spread and fill. */
export const EMPTY_BATCH: RowBatch = {
  openedRequests: [],
  openedAttempts: [],
  finishedRequests: [],
  closedAttempts: [],
  attemptClosings: [],
  requestClosings: [],
  priceSheets: [],
};

/** A store in memory into which some ended attempts have been written as the store writer does. */
export async function storeOf(rows: readonly AttemptRow[]): Promise<Database> {
  const database = await openDatabaseInMemory();
  const writer = new BatchWriter(database);
  writer.write({ ...EMPTY_BATCH, closedAttempts: rows }, { segment: 1, offset: 0 });
  writer.close();
  return database;
}
