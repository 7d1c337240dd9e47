import { Database, SQLiteError } from "bun:sqlite";
import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";

/** What differs between the connections of one database file. */
export interface DatabaseOptions {
  /** Make the file and its folder where they are missing; false fails instead. */
  readonly create: boolean;
  /**
   * Move the write-ahead log into the file when it has grown, which waits for the disk. Only the store writer, on
   * its own thread, should.
   */
  readonly checkpoint: boolean;
  /** How long a statement waits for another connection's lock, in milliseconds. */
  readonly busyTimeoutMs?: number;
}

/** SQLite's result code for "another connection holds the lock". */
const SQLITE_BUSY = 5;
const WAL_PAGES_BEFORE_CHECKPOINT = 4000;
const WAL_SWITCH_TRIES = 100;
const WAL_SWITCH_PAUSE_MS = 20;

/**
 * Opens a SQLite file with the settings that every part of Gatehouse relies on: write-ahead log, foreign keys, files
 * that only their owner can read. Throws SQLiteError.
 */
export function openDatabase(path: string, options: DatabaseOptions): Database {
  if (options.create) makePrivateFile(path);
  const database = new Database(path, { create: options.create, readwrite: true });
  try {
    database.run(`pragma busy_timeout = ${options.busyTimeoutMs ?? 5000}`);
    switchToWal(database);
    database.run("pragma synchronous = normal");
    database.run("pragma foreign_keys = on");
    database.run(`pragma wal_autocheckpoint = ${options.checkpoint ? WAL_PAGES_BEFORE_CHECKPOINT : 0}`);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

/** SQLite gives its own `-wal` and `-shm` files the mode of the database, so this one file decides for all. */
function makePrivateFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
}

/** The switch is remembered in the file. SQLite doesn't apply busy_timeout to it, so first starts that meet must retry. */
function switchToWal(database: Database): void {
  for (let tries = 1; ; tries++) {
    try {
      database.run("pragma journal_mode = wal");
      return;
    } catch (error) {
      if (!isBusy(error) || tries === WAL_SWITCH_TRIES) throw error;
      Bun.sleepSync(WAL_SWITCH_PAUSE_MS);
    }
  }
}

/** Whether a statement failed because another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  return error instanceof SQLiteError && (error.errno & 0xff) === SQLITE_BUSY;
}
