import type { Database, Statement } from "bun:sqlite";
import { join } from "node:path";
import { openDatabase } from "./open-database.ts";

/** How a claimed answer stands: not there yet, there, or never to be. */
export type AnswerState = "open" | "kept" | "dropped";

/** One claim, and the answer that belongs to it. */
export interface AnswerRow {
  readonly id: string;
  /** Tells one request from another, and nothing about either. */
  readonly fingerprint: string;
  /** The request that claimed it. */
  readonly request_id: string;
  readonly state: AnswerState;
  readonly created_at_ms: number;
  readonly expires_at_ms: number;
  /** Sealed; null unless it is kept. */
  readonly answer: Uint8Array | null;
}

/** A claim to be made. */
export type AnswerClaim = Pick<
  AnswerRow,
  "id" | "fingerprint" | "request_id" | "created_at_ms" | "expires_at_ms"
>;

/**
 * Answers by claim, in a file of their own: they are short-lived and may be large, and writing them waits for no lock
 * that the ledger's writer holds. Throws SQLiteError.
 */
export class AnswerDatabase {
  readonly #database: Database;
  readonly #maxBytes: number;
  readonly #insert: Statement;
  readonly #find: Statement<AnswerRow, [string]>;
  #bytes: number;

  /** Beyond `maxBytes` of answers the oldest are dropped; their claims stay. */
  constructor(dataFolder: string, maxBytes: number) {
    this.#database = openDatabase(join(dataFolder, "answers.db"), { create: true, checkpoint: true });
    this.#maxBytes = maxBytes;
    this.#database.run(`create table if not exists answers (
      id text not null primary key,
      fingerprint text not null,
      request_id text not null,
      state text not null,
      created_at_ms integer not null,
      expires_at_ms integer not null,
      answer blob
    ) strict`);
    this.#database.run("create index if not exists answers_by_expiry on answers (expires_at_ms)");
    this.#insert = this.#database.prepare(
      `insert into answers (id, fingerprint, request_id, state, created_at_ms, expires_at_ms)
       values (?, ?, ?, 'open', ?, ?) on conflict (id) do nothing`,
    );
    this.#find = this.#database.prepare<AnswerRow, [string]>("select * from answers where id = ?");
    this.#bytes = this.#storedBytes();
  }

  /** Makes a claim; gives the row that is there already, where there is one that has not expired. */
  claim(claim: AnswerClaim): AnswerRow | undefined {
    const { id, fingerprint, request_id, created_at_ms, expires_at_ms } = claim;
    const insert = () =>
      this.#insert.run(id, fingerprint, request_id, created_at_ms, expires_at_ms).changes === 1;
    if (insert()) return undefined;
    const known = this.find(id, created_at_ms);
    if (known !== undefined) return known;
    this.release(id);
    return insert() ? undefined : (this.#find.get(id) ?? undefined);
  }

  /** A claim that has not expired. */
  find(id: string, nowMs: number): AnswerRow | undefined {
    const row = this.#find.get(id);
    return row !== null && row.expires_at_ms > nowMs ? row : undefined;
  }

  /** The answer is there. */
  keep(id: string, answer: Uint8Array): void {
    this.#makeRoom(answer.byteLength);
    this.#database.run("update answers set state = 'kept', answer = ? where id = ?", [answer, id]);
    this.#bytes += answer.byteLength;
  }

  /** The answer will not be there. */
  drop(id: string): void {
    this.#database.run("update answers set state = 'dropped', answer = null where id = ?", [id]);
  }

  /** The claim is given up: the same may be claimed again. */
  release(id: string): void {
    this.#database.run("delete from answers where id = ?", [id]);
  }

  /** Deletes what has expired. */
  expire(nowMs: number): void {
    const { changes } = this.#database.run("delete from answers where expires_at_ms <= ?", [nowMs]);
    if (changes > 0) this.#bytes = this.#storedBytes();
  }

  close(): void {
    this.#insert.finalize();
    this.#find.finalize();
    this.#database.close();
  }

  #makeRoom(bytes: number): void {
    while (this.#bytes + bytes > this.#maxBytes) {
      const oldest = this.#database
        .query<{ id: string }, []>(
          "select id from answers where state = 'kept' order by expires_at_ms limit 1",
        )
        .get();
      if (oldest === null) return;
      this.drop(oldest.id);
      this.#bytes = this.#storedBytes();
    }
  }

  #storedBytes(): number {
    const sum = this.#database
      .query<{ bytes: number | null }, []>("select sum(length(answer)) as bytes from answers")
      .get();
    return sum?.bytes ?? 0;
  }
}
