import type { Database, SQLQueryBindings } from "bun:sqlite";
import {
  ATTEMPT_CLOSING_COLUMNS,
  ATTEMPT_COLUMNS,
  REQUEST_CLOSING_COLUMNS,
  REQUEST_COLUMNS,
  REQUEST_SUMS_COLUMNS,
} from "./columns.ts";
import { RequestSums } from "./request-sums.ts";
import { UsageDeltas } from "./rollups/usage-deltas.ts";
import { UsageWriter } from "./rollups/usage-writer.ts";
import type {
  AttemptClosingRow,
  AttemptRow,
  PriceSheetRow,
  RequestClosingRow,
  RequestRow,
} from "./schema.ts";

/** A place in the journal: the number of a segment and a byte offset in it. */
export interface JournalPosition {
  readonly segment: number;
  readonly offset: number;
}

/** Rows that belong together: written in one transaction with the journal position that they reach. */
export interface RowBatch {
  /** Requests and attempts that have begun and not ended. A row that is there already stays as it is. */
  readonly openedRequests: readonly RequestRow[];
  readonly openedAttempts: readonly AttemptRow[];
  /** Whole rows of what has ended. One that is there already and still open is ended; one that has ended stays. */
  readonly finishedRequests: readonly RequestRow[];
  readonly closedAttempts: readonly AttemptRow[];
  /** Ends of attempts whose openings came in an earlier batch. The first end wins. */
  readonly attemptClosings: readonly AttemptClosingRow[];
  /** Those that are there already stay as they are. */
  readonly priceSheets: readonly PriceSheetRow[];
  /** The same for requests. */
  readonly requestClosings: readonly RequestClosingRow[];
}

/** What a request's end sets, what its attempts come to included. */
const REQUEST_END_COLUMNS = [...REQUEST_CLOSING_COLUMNS, ...REQUEST_SUMS_COLUMNS] as const;

/**
 * Writes batches of ledger rows, and the rollups that count them, with statements compiled once. Not for two batches at
 * the same time.
 */
export class BatchWriter {
  readonly #database: Database;
  readonly #usage: UsageWriter;
  readonly #sums: RequestSums;
  readonly #insertRequest: RowStatement;
  readonly #finishRequest: RowStatement;
  readonly #insertAttempt: RowStatement;
  readonly #insertClosedAttempt: RowStatement;
  readonly #closeAttempt: ReturnType<typeof prepareClosing>;
  readonly #attemptExists: RowStatement;
  readonly #insertPriceSheet: RowStatement;
  readonly #closeRequest: RowStatement;
  readonly #requestExists: RowStatement;
  readonly #setPosition: RowStatement;

  constructor(database: Database) {
    this.#database = database;
    this.#usage = new UsageWriter(database);
    this.#sums = new RequestSums(database);
    const insertRequest = insertion("requests", REQUEST_COLUMNS);
    const insertAttempt = insertion("attempts", ATTEMPT_COLUMNS);
    this.#insertRequest = prepare(database, `${insertRequest} do nothing`);
    this.#finishRequest = prepare(database, insertRequest + endIfOpen("requests", REQUEST_END_COLUMNS));
    this.#insertAttempt = prepare(database, `${insertAttempt} do nothing`);
    this.#insertClosedAttempt = prepare(
      database,
      insertAttempt + endIfOpen("attempts", ATTEMPT_CLOSING_COLUMNS),
    );
    this.#closeAttempt = prepareClosing(database);
    this.#attemptExists = prepare(database, "select 1 from attempts where id = ?");
    this.#insertPriceSheet = prepare(
      database,
      "insert into price_sheets (id, content) values (?, ?) on conflict (id) do nothing",
    );
    this.#closeRequest = prepare(database, closing("requests", REQUEST_END_COLUMNS));
    this.#requestExists = prepare(database, "select 1 from requests where id = ?");
    this.#setPosition = prepare(
      database,
      `insert into journal_position (id, segment, "offset") values (1, ?, ?)
       on conflict (id) do update set segment = excluded.segment, "offset" = excluded."offset"`,
    );
  }

  /**
   * Writes a batch and the position that it reaches, wholly or not at all. `beforeCommit` may refuse by throwing.
   * Gives the ids of ends whose attempt or request is unknown. Throws SQLiteError.
   */
  write(batch: RowBatch, reached: JournalPosition, beforeCommit: () => void = () => {}): string[] {
    this.#database.run("begin immediate");
    try {
      const orphans = this.#writeRows(batch);
      this.#setPosition.run(reached.segment, reached.offset);
      beforeCommit();
      this.#database.run("commit");
      return orphans;
    } catch (error) {
      this.#usage.forget();
      this.#sums.forget();
      // A full disk may have rolled back already.
      if (this.#database.inTransaction) this.#database.run("rollback");
      throw error;
    }
  }

  /** Frees the statements; the database can then be closed at once. */
  close(): void {
    this.#usage.close();
    this.#sums.close();
    this.#insertRequest.finalize();
    this.#finishRequest.finalize();
    this.#insertAttempt.finalize();
    this.#insertClosedAttempt.finalize();
    this.#closeAttempt.finalize();
    this.#attemptExists.finalize();
    this.#insertPriceSheet.finalize();
    this.#closeRequest.finalize();
    this.#requestExists.finalize();
    this.#setPosition.finalize();
  }

  /** Attempts go first: what they come to is part of their request's row. */
  #writeRows(batch: RowBatch): string[] {
    const usage = new UsageDeltas();
    const orphans = this.#writeAttempts(batch, usage);
    this.#writeRequests(batch, usage, orphans);
    for (const { id, content } of batch.priceSheets) this.#insertPriceSheet.run(id, content);
    this.#usage.write(usage);
    return orphans;
  }

  #writeAttempts(batch: RowBatch, usage: UsageDeltas): string[] {
    const orphans: string[] = [];
    for (const row of batch.openedAttempts) this.#insertAttempt.run(...values(row, ATTEMPT_COLUMNS));
    for (const row of batch.closedAttempts) {
      const { changes } = this.#insertClosedAttempt.run(...values(row, ATTEMPT_COLUMNS));
      if (changes > 0) this.#count(row, usage);
    }
    for (const row of batch.attemptClosings) {
      const closed = this.#closeAttempt.get(...values(row, ATTEMPT_CLOSING_COLUMNS), row.id);
      if (closed !== null) this.#count({ ...closed, ...row }, usage);
      else if (this.#attemptExists.get(row.id) === null) orphans.push(row.id);
    }
    return orphans;
  }

  /** A shadow is no use of its project's, and none of its request's own attempts. */
  #count(row: AttemptRow, usage: UsageDeltas): void {
    if (row.purpose === "shadow") return;
    usage.addAttempt(row);
    this.#sums.add(row);
  }

  #writeRequests(batch: RowBatch, usage: UsageDeltas, orphans: string[]): void {
    for (const row of batch.openedRequests) this.#insertRequest.run(...values(row, REQUEST_COLUMNS));
    for (const row of batch.finishedRequests) {
      const whole = { ...row, ...this.#sums.take(row.id, row.attempts) };
      const { changes } = this.#finishRequest.run(...values(whole, REQUEST_COLUMNS));
      if (changes > 0 && row.attempts === 0) usage.addRequestAlone(row);
    }
    for (const row of batch.requestClosings) {
      const whole = { ...row, ...this.#sums.take(row.id, row.attempts) };
      const { changes } = this.#closeRequest.run(...values(whole, REQUEST_END_COLUMNS), row.id);
      if (changes === 0 && this.#requestExists.get(row.id) === null) orphans.push(row.id);
    }
  }
}

/** How far the journal has been moved into these tables, or undefined where nothing has yet. */
export function readJournalPosition(database: Database): JournalPosition | undefined {
  const query = database.query<JournalPosition, []>(
    'select segment, "offset" from journal_position where id = 1',
  );
  return query.get() ?? undefined;
}

type RowStatement = ReturnType<typeof prepare>;

function prepare(database: Database, sql: string) {
  return database.prepare<unknown, SQLQueryBindings[]>(sql);
}

function insertion(table: string, columns: readonly string[]): string {
  const marks = columns.map(() => "?").join(", ");
  return `insert into ${table} (${columns.join(", ")}) values (${marks}) on conflict (id)`;
}

function endIfOpen(table: string, columns: readonly string[]): string {
  const changes = columns.map((column) => `${column} = excluded.${column}`).join(", ");
  return ` do update set ${changes} where ${table}.outcome is null`;
}

function closing(table: string, columns: readonly string[]): string {
  return `update ${table} set ${columns.map((column) => `${column} = ?`).join(", ")} where id = ? and outcome is null`;
}

/** What an attempt's row holds beside its end: what it is counted by. */
type AttemptOpeningRow = Omit<AttemptRow, keyof AttemptClosingRow>;

const ATTEMPT_OPENING_COLUMNS = ATTEMPT_COLUMNS.filter(
  (column) => column !== "id" && !ATTEMPT_CLOSING_COLUMNS.some((closing) => closing === column),
);

function prepareClosing(database: Database) {
  return database.prepare<AttemptOpeningRow, SQLQueryBindings[]>(
    `${closing("attempts", ATTEMPT_CLOSING_COLUMNS)} returning ${ATTEMPT_OPENING_COLUMNS.join(", ")}`,
  );
}

function values<Column extends string>(
  row: { readonly [C in Column]: string | number | null },
  columns: readonly Column[],
): SQLQueryBindings[] {
  const result: SQLQueryBindings[] = new Array(columns.length);
  for (let index = 0; index < columns.length; index++) {
    const column = columns[index];
    if (column !== undefined) result[index] = row[column];
  }
  return result;
}
