import type { Database } from "bun:sqlite";
import { EndUserNames } from "./end-user-names.ts";
import { NumberPacker } from "./packed-numbers.ts";
import { SeriesDirectory } from "./series-directory.ts";
import { dayOfHour, type SeriesDelta, type UsageDeltas } from "./usage-deltas.ts";
import { sumOf, UsageMeasures } from "./usage-measures.ts";

/** Rows kept in memory, each about half a kilobyte: those that are written again and again are read once. */
const MAX_KEPT_ROWS = 4_096;

/**
 * Brings the rollups up to date, within the transaction that writes the rows which they count: neither is ever without
 * the other, so rollups are exact however often the process is killed.
 */
export class UsageWriter {
  readonly #series: SeriesDirectory;
  readonly #names: EndUserNames;
  readonly #hours: RollupRows;
  readonly #days: RollupRows;
  readonly #endUsers: RollupRows;
  /** What the calls of all end users come to. */
  readonly #endUserTotals: RollupRows;
  readonly #packer = new NumberPacker();

  constructor(database: Database) {
    this.#series = new SeriesDirectory(database);
    this.#names = new EndUserNames(database);
    this.#hours = new RollupRows(database, "usage_hours", ["hour", "series"]);
    this.#days = new RollupRows(database, "usage_days", ["day", "series"]);
    this.#endUsers = new RollupRows(database, "usage_end_users", ["project", "day", "end_user", "series"]);
    this.#endUserTotals = new RollupRows(database, "usage_end_user_totals", ["day", "series"]);
  }

  /** Adds to the rollups. After a failure, or where the transaction does not commit, `forget` must be called. */
  write(deltas: UsageDeltas): void {
    for (const delta of deltas.series) this.#writeSeries(delta);
  }

  /** Lets go of what was read and written: the transaction did not commit. */
  forget(): void {
    this.#series.forget();
    this.#names.forget();
    this.#hours.forget();
    this.#days.forget();
    this.#endUsers.forget();
    this.#endUserTotals.forget();
  }

  close(): void {
    this.#series.close();
    this.#names.close();
    this.#hours.close();
    this.#days.close();
    this.#endUsers.close();
    this.#endUserTotals.close();
  }

  #writeSeries({ dimensions, hours, endUsers }: SeriesDelta): void {
    const packer = this.#packer;
    for (const [hour, measures] of hours) {
      const day = dayOfHour(hour);
      const series = this.#series.idOf(dimensions, day);
      this.#hours.add([hour, series], measures, packer);
      this.#days.add([day, series], measures, packer);
    }
    const { project } = dimensions;
    for (const [day, ofDay] of endUsers) {
      const series = this.#series.idOf(dimensions, day);
      this.#endUserTotals.add([day, series], sumOf(ofDay.values()), packer);
      for (const [endUser, measures] of ofDay) {
        const key = [project, day, endUser, series];
        if (this.#endUsers.isKept(key)) this.#endUsers.add(key, measures, packer);
        else {
          const name = this.#names.nameFor(project, day, endUser);
          this.#endUsers.add([project, day, name, series], measures, packer);
        }
      }
    }
  }
}

type Key = readonly (string | number)[];

interface StoredRow {
  readonly calls: number;
  readonly cost: number;
  readonly measures: Uint8Array;
}

/** The rows of one table of rollups. */
class RollupRows {
  readonly #find;
  readonly #put;
  readonly #kept = new Map<string, UsageMeasures>();

  constructor(database: Database, table: string, key: readonly string[]) {
    const where = key.map((column) => `${column} = ?`).join(" and ");
    this.#find = database.prepare<StoredRow, (string | number)[]>(
      `select calls, cost_nanodollars as cost, measures from ${table} where ${where}`,
    );
    const marks = key.map(() => "?").join(", ");
    this.#put = database.prepare<unknown, (string | number | Uint8Array)[]>(
      `insert into ${table} (${key.join(", ")}, calls, cost_nanodollars, measures) values (${marks}, ?, ?, ?)
       on conflict do update set calls = excluded.calls, cost_nanodollars = excluded.cost_nanodollars,
         measures = excluded.measures`,
    );
  }

  /** Whether a row is in memory, so that there is one. */
  isKept(key: Key): boolean {
    return this.#kept.has(key.join("\0"));
  }

  add(key: Key, added: UsageMeasures, packer: NumberPacker): void {
    const sums = this.#sumsAt(key);
    sums.merge(added);
    this.#put.run(...key, sums.get("calls"), sums.get("cost"), sums.pack(packer));
  }

  forget(): void {
    this.#kept.clear();
  }

  close(): void {
    this.#find.finalize();
    this.#put.finalize();
  }

  #sumsAt(key: Key): UsageMeasures {
    const name = key.join("\0");
    const known = this.#kept.get(name);
    if (known !== undefined) return known;
    const sums = new UsageMeasures();
    const stored = this.#find.get(...key);
    if (stored !== null) sums.addStored(stored.calls, stored.cost, stored.measures);
    if (this.#kept.size >= MAX_KEPT_ROWS) this.#kept.clear();
    this.#kept.set(name, sums);
    return sums;
  }
}
