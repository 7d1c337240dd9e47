import type { Database, SQLQueryBindings } from "bun:sqlite";
import type { SelectedSeries } from "./series-selection.ts";
import type { Span } from "./usage-range.ts";
import type { CountedRow, MeasuredRow, TimeUnit, UsagePlaces, UsageRows, Visit } from "./usage-rows.ts";

/** So many look-ups are quicker than reading all rows of the time. */
const MANY_LOOKUPS = 20_000;

/** The rollups of the calls that named an end user, by the day. */
export class EndUserRows implements UsageRows {
  readonly #database: Database;
  readonly #series: ReadonlyMap<number, SelectedSeries>;
  readonly #unit: TimeUnit;
  readonly #projects: ReadonlySet<string>;
  readonly #endUser: string | undefined;
  /** The days that have rows. */
  readonly #days = new Map<string, readonly number[]>();

  constructor(
    database: Database,
    series: ReadonlyMap<number, SelectedSeries>,
    days: Span,
    unit: TimeUnit,
    endUser: string | undefined,
  ) {
    this.#database = database;
    this.#series = series;
    this.#unit = unit;
    this.#endUser = endUser;
    this.#projects = new Set([...series.values()].map(({ project }) => project));
    for (const project of this.#projects) this.#days.set(project, this.#daysOf(project, days));
  }

  count(visit: Visit<CountedRow>): void {
    const { all, ofEndUser } = this.#statements<CountedRow>("");
    for (const [project, days] of this.#days) {
      if (this.#endUser === undefined) this.#show(all.iterate(project, ...bounds(days)), visit);
      else for (const day of days) this.#show(ofEndUser.iterate(project, day, this.#endUser), visit);
    }
  }

  measure(places: UsagePlaces | undefined, visit: Visit<MeasuredRow>): void {
    const { all, ofEndUser } = this.#statements<MeasuredRow>(", measures");
    const endUsers = this.#endUser === undefined ? places?.endUsers : [this.#endUser];
    const names = endUsers === undefined ? undefined : [...endUsers];
    for (const [project, every] of this.#days) {
      const days =
        this.#unit === "day" && places !== undefined ? every.filter((day) => places.times.has(day)) : every;
      if (names === undefined || names.length * days.length > MANY_LOOKUPS)
        this.#show(all.iterate(project, ...bounds(days)), visit);
      else
        for (const day of days)
          for (const name of names) this.#show(ofEndUser.iterate(project, day, name), visit);
    }
  }

  #daysOf(project: string, { from, to }: Span): readonly number[] {
    const next = this.#database.query<{ day: number }, SQLQueryBindings[]>(
      "select day from usage_end_users where project = ? and day >= ? and day < ? order by day limit 1",
    );
    const days: number[] = [];
    for (let at = from; ; ) {
      const found = next.get(project, at, to);
      if (found === null) return days;
      days.push(found.day);
      at = found.day + 1;
    }
  }

  #statements<Row>(columns: string) {
    const read = `select day as at, end_user, series, calls, cost_nanodollars as cost${columns}
      from usage_end_users where project = ?`;
    return {
      all: this.#database.query<Row, SQLQueryBindings[]>(`${read} and day >= ? and day < ?`),
      ofEndUser: this.#database.query<Row, SQLQueryBindings[]>(`${read} and day = ? and end_user = ?`),
    };
  }

  #show<Row extends CountedRow>(rows: Iterable<Row>, visit: Visit<Row>): void {
    for (const row of rows) {
      const series = this.#series.get(row.series);
      if (series !== undefined) visit(row, series, this.#unit === "none" ? 0 : row.at);
    }
  }
}

function bounds(days: readonly number[]): readonly [number, number] {
  return [days[0] ?? 0, (days.at(-1) ?? -1) + 1];
}
