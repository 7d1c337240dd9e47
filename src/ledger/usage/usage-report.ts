import type { Database } from "bun:sqlite";
import { CallRows } from "./call-rows.ts";
import { EndUserRows } from "./end-user-rows.ts";
import { pageOf } from "./line-order.ts";
import { GroupMap, placesOf, type RankedGroup, Ranking } from "./ranking.ts";
import { type SelectedSeries, selectSeries } from "./series-selection.ts";
import { UsageGroup } from "./usage-groups.ts";
import type { UsageQuery, UsageReport } from "./usage-query.ts";
import { rangeOf } from "./usage-range.ts";
import type { TimeUnit, UsageRows } from "./usage-rows.ts";

/** What of a report is not always wanted. */
export interface ReportParts {
  /** All lines of all pages together. */
  readonly total: boolean;
}

/**
 * Counts ended calls from the rollups: first what puts the groups in order, then all that those of the page hold. Reads
 * only, so it may run beside a gateway, but not on the thread that serves.
 */
export function usageReport(
  database: Database,
  query: UsageQuery,
  { total: isTotalWanted }: ReportParts = { total: true },
): UsageReport {
  const { by, order, page } = query;
  const counting = new Counting(database, query);
  const { groups, range } = counting;
  const { shown, next } = pageOf(groups, order, page);
  const isAll = shown.length === groups.length;
  const measured = counting.measure(shown, isAll);
  const names = by.includes("key") ? keyNames(database) : undefined;
  const key = by.indexOf("key");
  const total = isTotalWanted && groups.length > 0 ? counting.total(isAll ? measured : undefined) : undefined;
  return {
    lines: measured.map((group) => group.line(names?.get(group.group[key] ?? ""))),
    total: total?.line(undefined),
    next,
    fromMs: range.fromMs,
    toMs: range.toMs,
  };
}

class Counting {
  readonly #database: Database;
  readonly #query: UsageQuery;
  readonly #usesEndUsers: boolean;
  readonly #series: ReadonlyMap<number, SelectedSeries>;
  readonly #rows: UsageRows;
  readonly range;
  /** In no order. */
  readonly groups: readonly RankedGroup[];

  constructor(database: Database, query: UsageQuery) {
    const { by, endUser } = query;
    this.#database = database;
    this.#query = query;
    this.#usesEndUsers = by.includes("end_user") || endUser !== undefined;
    const unit: TimeUnit = by.includes("hour") ? "hour" : by.includes("day") ? "day" : "none";
    this.range = rangeOf(query, this.#usesEndUsers ? "day" : unit === "hour" ? "hour" : "any");
    this.#series = selectSeries(database, query, by);
    this.#rows = this.#usesEndUsers
      ? new EndUserRows(database, this.#series, this.range.days, unit, endUser)
      : new CallRows(database, this.#series, this.range, unit);
    const ranking = new Ranking(by, unit);
    this.#rows.count((row, series, time) => ranking.add(row, series, time));
    this.groups = ranking.groups;
  }

  /** All that some groups hold, in their order. */
  measure(groups: readonly RankedGroup[], isAll: boolean): readonly UsageGroup[] {
    const wanted = new GroupMap<UsageGroup>();
    const measured = groups.map((ranked) => {
      const group = new UsageGroup(ranked.group);
      wanted.set(ranked, group);
      return group;
    });
    if (groups.length === 0) return measured;
    const isByEndUser = this.#query.by.includes("end_user");
    this.#rows.measure(isAll ? undefined : placesOf(groups), (row, series, time) =>
      wanted
        .find(isByEndUser ? (row.end_user ?? "") : "", series.base, time)
        ?.add(series, row.calls, row.cost, row.measures),
    );
    return measured;
  }

  /** All groups together; `measured` are they where all were measured. */
  total(measured: readonly UsageGroup[] | undefined): UsageGroup {
    const total = new UsageGroup([]);
    if (measured === undefined)
      this.#totalRows().measure(undefined, (row, series) =>
        total.add(series, row.calls, row.cost, row.measures),
      );
    else for (const group of measured) total.merge(group);
    return total;
  }

  /** What all calls come to is in fewer rows than what each group does. */
  #totalRows(): UsageRows {
    if (!this.#usesEndUsers)
      return new CallRows(this.#database, this.#series, rangeOf(this.#query, "any"), "none");
    if (this.#query.endUser !== undefined) return this.#rows;
    const { days } = this.range;
    return new CallRows(this.#database, this.#series, { days, hours: [] }, "none", "usage_end_user_totals");
  }
}

function keyNames(database: Database): ReadonlyMap<string, string> {
  const keys = database.query<{ id: string; name: string }, []>("select id, name from virtual_keys");
  return new Map(keys.all().map(({ id, name }) => [id, name]));
}
