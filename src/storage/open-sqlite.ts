import type { Database } from "bun:sqlite";
import { join } from "node:path";
import { Kysely, SqliteDialect } from "kysely";
import { type DataLock, isDataFolderLocked } from "./data-lock.ts";
import { kyselyDatabase } from "./kysely-database.ts";
import { migrate } from "./migrate.ts";
import { openDatabase } from "./open-database.ts";
import type { Tables } from "./schema.ts";

/** Calls are under way on this thread: who writes waits by `patiently`, not inside SQLite. */
const BUSY_TIMEOUT_MS = 20;

/** Where the store lies inside a data folder. */
export function storePath(dataFolder: string): string {
  return join(dataFolder, "gatehouse.db");
}

/**
 * Opens the store of a data folder, makes it where it is missing and brings its tables up to date. Safe while other
 * processes do the same. Who serves from it gives its claim on the folder; all others change no tables under a gateway
 * that runs: StoreOfOlderGateway is thrown instead. `destroy()` closes it.
 */
export async function openSqlite(dataFolder: string, lock?: DataLock): Promise<Kysely<Tables>> {
  const database = openDatabase(storePath(dataFolder), { create: true, checkpoint: false });
  try {
    const store = await migrated(database, () => lock === undefined && isDataFolderLocked(dataFolder));
    database.run(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`);
    return store;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** The tables in memory, for tests: up to date, gone when it is closed. */
export function openSqliteInMemory(): Promise<Kysely<Tables>> {
  return migrated(openDatabase(":memory:", { create: false, checkpoint: false }));
}

/** The same as a connection, for reads that don't go by Kysely. */
export async function openDatabaseInMemory(): Promise<Database> {
  const database = openDatabase(":memory:", { create: false, checkpoint: false });
  await migrated(database);
  return database;
}

async function migrated(database: Database, isServed?: () => boolean): Promise<Kysely<Tables>> {
  const store = new Kysely<Tables>({ dialect: new SqliteDialect({ database: kyselyDatabase(database) }) });
  await migrate(database, store, isServed);
  return store;
}
