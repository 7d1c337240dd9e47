import type { Database } from "bun:sqlite";
import { statSync } from "node:fs";
import { BatchWriter, type JournalPosition, type RowBatch, readJournalPosition } from "../storage/batch.ts";
import { openDatabase } from "../storage/open-database.ts";
import { Retention } from "./retention.ts";

const BUSY_TIMEOUT_MS = 1000;

/** The store writer's own connection to the tables; made anew after a failure. */
export class StoreConnection {
  readonly #path: string;
  readonly #file: string;
  readonly #database: Database;
  readonly #batches: BatchWriter;
  readonly #retention: Retention;
  /** Where the journal has been moved to, as the tables say. */
  readonly position: JournalPosition | undefined;

  /** Throws where the store is missing or can't be used; it never makes an empty one in place of a lost one. */
  constructor(path: string) {
    this.#path = path;
    this.#file = identity(path);
    this.#database = openDatabase(path, { create: false, checkpoint: true, busyTimeoutMs: BUSY_TIMEOUT_MS });
    try {
      this.#batches = new BatchWriter(this.#database);
      this.#retention = new Retention(this.#database);
      this.position = readJournalPosition(this.#database);
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** Writes a batch; see BatchWriter. Throws, writing nothing, where the file at the path is not this one any more. */
  write(batch: RowBatch, reached: JournalPosition): string[] {
    return this.#batches.write(batch, reached, () => this.check());
  }

  /** Deletes a stretch of what is not kept any longer. Whether there may be more. Throws SQLiteError. */
  deleteOld(nowMs: number): boolean {
    return this.#retention.step(nowMs);
  }

  /** Puts everything committed on the disk, without waiting for readers. Whether it is all there. */
  checkpoint(): boolean {
    const query = this.#database.query<{ busy: number; log: number; checkpointed: number }, []>(
      "pragma wal_checkpoint(passive)",
    );
    const result = query.get();
    return result !== null && result.busy === 0 && result.log === result.checkpointed;
  }

  /**
   * Throws where the file at the path is not this one any more: rows written to a file that was moved away or deleted
   * would be lost with it.
   */
  check(): void {
    if (identity(this.#path) !== this.#file) throw new Error(`${this.#path} was replaced while in use`);
  }

  close(): void {
    this.#batches.close();
    this.#database.close();
  }
}

function identity(path: string): string {
  const { dev, ino } = statSync(path);
  return `${dev}:${ino}`;
}
