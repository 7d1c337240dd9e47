import { Database } from "bun:sqlite";
import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { isBusy } from "./open-database.ts";

/** A gateway already runs on this data folder. */
export class DataFolderInUse extends Error {
  override readonly name = "DataFolderInUse";
  readonly mend = "Stop the other gateway, or give this one a folder of its own with GATEHOUSE_DATA.";

  constructor(dataFolder: string) {
    super(`Another gateway is running on the data folder ${dataFolder}.`);
  }
}

/** Proof that this process alone serves a data folder. */
export interface DataLock {
  release(): void;
}

/**
 * Claims a data folder for this process, or throws DataFolderInUse. The claim is a lock that the operating system
 * frees when the process ends, however it ends: nothing is left behind by kill -9.
 */
export function lockDataFolder(dataFolder: string): DataLock {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const path = join(dataFolder, "lock.db");
  const database = new Database(path, { create: true });
  chmodSync(path, 0o600);
  try {
    database.run("pragma journal_mode = delete");
    database.run("begin exclusive");
  } catch (error) {
    database.close();
    throw isBusy(error) ? new DataFolderInUse(dataFolder) : error;
  }
  return { release: () => database.close() };
}

/** Whether a gateway runs on a data folder. */
export function isDataFolderLocked(dataFolder: string): boolean {
  const path = join(dataFolder, "lock.db");
  if (!existsSync(path)) return false;
  const database = new Database(path, { readonly: true });
  try {
    database.query("select count(*) from sqlite_schema").get();
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    database.close();
  }
}
