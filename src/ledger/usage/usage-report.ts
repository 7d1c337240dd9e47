import type { Database, SQLQueryBindings } from "bun:sqlite";
import { pageOf } from "./line-order.ts";
import { type SelectedSeries, selectSeries } from "./series-selection.ts";
import { UsageGroup } from "./usage-groups.ts";
import type { UsageQuery, UsageReport } from "./usage-query.ts";
import { dayName, hourName, rangeOf, type Span, type UsageRange } from "./usage-range.ts";

/** Counts ended calls from the rollups. Reads only, so it may run beside a gateway, but not on the thread that serves. */
export function usageReport(database: Database, query: UsageQuery): UsageReport {
  const usesEndUsers = query.by.includes("end_user") || query.endUser !== undefined;
  const range = rangeOf(query, usesEndUsers ? "day" : query.by.includes("hour") ? "hour" : "any");
  const counting = new Counting(database, query, range);
  if (usesEndUsers) counting.addEndUsers();
  else counting.addCalls();
  return counting.report();
}

interface CountedRow {
  readonly at: number;
  readonly series: number;
  readonly calls: number;
  readonly cost: number;
  readonly measures: Uint8Array;
  readonly end_user?: string;
}

/** So few series are looked up one by one; of more, all rows of the time are read and most are passed over. */
const FEW_SERIES = 40;
const COUNTED = "series, calls, cost_nanodollars as cost, measures";

class Counting {
  readonly #database: Database;
  readonly #query: UsageQuery;
  readonly #range: UsageRange;
  readonly #series: ReadonlyMap<number, SelectedSeries>;
  readonly #groups = new Map<string, UsageGroup>();
  readonly #places: { readonly [Grouping in "day" | "hour" | "end_user"]: number };

  constructor(database: Database, query: UsageQuery, range: UsageRange) {
    this.#database = database;
    this.#query = query;
    this.#range = range;
    this.#series = selectSeries(database, query, query.by);
    this.#places = {
      day: query.by.indexOf("day"),
      hour: query.by.indexOf("hour"),
      end_user: query.by.indexOf("end_user"),
    };
  }

  addCalls(): void {
    const { days, hours } = this.#range;
    this.#addSpan("usage_days", "day", days, (day) => ({ day: dayName(day), hour: "" }));
    for (const span of hours)
      this.#addSpan("usage_hours", "hour", span, (hour) => ({
        day: dayName(Math.floor(hour / 24)),
        hour: hourName(hour),
      }));
  }

  addEndUsers(): void {
    const { from, to } = this.#range.days;
    const { endUser } = this.#query;
    const named = endUser === undefined ? "" : "and end_user = ?";
    const rows = this.#database.query<CountedRow, SQLQueryBindings[]>(
      `select day as at, end_user, ${COUNTED} from usage_end_users
       where project = ? and day >= ? and day < ? ${named}`,
    );
    const projects = new Set([...this.#series.values()].map(({ project }) => project));
    for (const project of projects) {
      const bindings = endUser === undefined ? [project, from, to] : [project, from, to, endUser];
      for (const row of rows.iterate(...bindings)) this.#add(row, { day: dayName(row.at), hour: "" });
    }
  }

  report(): UsageReport {
    const { by, order, page } = this.#query;
    const groups = [...this.#groups.values()];
    const total = new UsageGroup([]);
    for (const group of groups) total.merge(group);
    const { shown, next } = pageOf(groups, order, page);
    const names = by.includes("key") ? this.#keyNames() : undefined;
    const key = by.indexOf("key");
    return {
      lines: shown.map((group) => group.line(names?.get(group.group[key] ?? ""))),
      total: groups.length === 0 ? undefined : total.line(undefined),
      next,
      fromMs: this.#range.fromMs,
      toMs: this.#range.toMs,
    };
  }

  #addSpan(table: string, unit: string, { from, to }: Span, nameAt: (at: number) => TimeNames): void {
    if (from >= to || this.#series.size === 0) return;
    const within = `select ${unit} as at, ${COUNTED} from ${table} where ${unit} >= ? and ${unit} < ?`;
    let at = Number.NaN;
    let names: TimeNames = { day: "", hour: "" };
    const add = (row: CountedRow) => {
      if (row.at !== at) {
        at = row.at;
        names = nameAt(at);
      }
      this.#add(row, names);
    };
    if (this.#series.size > FEW_SERIES) {
      const rows = this.#database.query<CountedRow, [number, number]>(within);
      for (const row of rows.iterate(from, to)) add(row);
      return;
    }
    const rows = this.#database.query<CountedRow, [number, number, number]>(`${within} and series = ?`);
    for (const series of this.#series.keys()) for (const row of rows.iterate(from, to, series)) add(row);
  }

  #add(row: CountedRow, names: TimeNames): void {
    const series = this.#series.get(row.series);
    if (series === undefined) return;
    this.#groupOf(series, names, row.end_user).add(series, row.calls, row.cost, row.measures);
  }

  #groupOf(series: SelectedSeries, names: TimeNames, endUser: string | undefined): UsageGroup {
    const { day, hour, end_user } = this.#places;
    let values = series.group;
    if (day >= 0 || hour >= 0 || end_user >= 0) {
      const own = [...values];
      if (day >= 0) own[day] = names.day;
      if (hour >= 0) own[hour] = names.hour;
      if (end_user >= 0) own[end_user] = endUser ?? "";
      values = own;
    }
    const name = values.join("\0");
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    const made = new UsageGroup(values);
    this.#groups.set(name, made);
    return made;
  }

  #keyNames(): ReadonlyMap<string, string> {
    const keys = this.#database.query<{ id: string; name: string }, []>("select id, name from virtual_keys");
    return new Map(keys.all().map(({ id, name }) => [id, name]));
  }
}

interface TimeNames {
  readonly day: string;
  readonly hour: string;
}
