import type { Database, SQLQueryBindings } from "bun:sqlite";
import type { SelectedSeries } from "./series-selection.ts";
import type { Span, UsageRange } from "./usage-range.ts";
import {
  type CountedRow,
  fewSeries,
  type MeasuredRow,
  type TimeUnit,
  type UsagePlaces,
  type UsageRows,
  type Visit,
} from "./usage-rows.ts";

const HOURS_OF_DAY = 24;

/** A stretch of one table of rollups. */
interface TableSpan extends Span {
  readonly table: string;
  readonly unit: "hour" | "day";
}

/** The rollups of calls, by the hour and by the day. */
export class CallRows implements UsageRows {
  readonly #database: Database;
  readonly #series: ReadonlyMap<number, SelectedSeries>;
  readonly #unit: TimeUnit;
  readonly #spans: readonly TableSpan[];

  constructor(
    database: Database,
    series: ReadonlyMap<number, SelectedSeries>,
    range: Pick<UsageRange, "days" | "hours">,
    unit: TimeUnit,
    dayTable: "usage_days" | "usage_end_user_totals" = "usage_days",
  ) {
    this.#database = database;
    this.#series = series;
    this.#unit = unit;
    this.#spans = [
      { ...range.days, table: dayTable, unit: "day" as const },
      ...range.hours.map((span) => ({ ...span, table: "usage_hours", unit: "hour" as const })),
    ].filter(({ from, to }) => from < to);
  }

  count(visit: Visit<CountedRow>): void {
    const ids = fewSeries(this.#series, undefined);
    for (const span of this.#spans) this.#read<CountedRow>(span, "", ids, visit);
  }

  measure(places: UsagePlaces | undefined, visit: Visit<MeasuredRow>): void {
    const ids = fewSeries(this.#series, places?.bases);
    const read = (span: TableSpan) => this.#read<MeasuredRow>(span, ", measures", ids, visit);
    for (const span of this.#spans) {
      if (places === undefined || this.#unit === "none") read(span);
      else
        for (const times of stretchesOf(places.times))
          for (const part of this.#partOf(span, times)) read(part);
    }
  }

  /** The part of a span that lies in the hours or days which are grouped by. */
  #partOf(span: TableSpan, times: Span): TableSpan[] {
    const scale = this.#unit === "day" && span.unit === "hour" ? HOURS_OF_DAY : 1;
    const from = Math.max(span.from, times.from * scale);
    const to = Math.min(span.to, times.to * scale);
    return from < to ? [{ ...span, from, to }] : [];
  }

  #read<Row extends CountedRow>(
    span: TableSpan,
    columns: string,
    ids: readonly number[] | undefined,
    visit: Visit<Row>,
  ): void {
    const within = `select ${span.unit} as at, series, calls, cost_nanodollars as cost${columns}
      from ${span.table} where ${span.unit} >= ? and ${span.unit} < ?`;
    const show = (row: Row) => {
      const series = this.#series.get(row.series);
      if (series !== undefined) visit(row, series, this.#timeOf(span, row.at));
    };
    if (ids === undefined) {
      const rows = this.#database.query<Row, SQLQueryBindings[]>(within);
      for (const row of rows.iterate(span.from, span.to)) show(row);
      return;
    }
    const rows = this.#database.query<Row, SQLQueryBindings[]>(`${within} and series = ?`);
    for (const id of ids) for (const row of rows.iterate(span.from, span.to, id)) show(row);
  }

  #timeOf({ unit }: TableSpan, at: number): number {
    if (this.#unit === "none") return 0;
    return this.#unit === "day" && unit === "hour" ? Math.floor(at / HOURS_OF_DAY) : at;
  }
}

/** So many hours, or days, that are not wanted are read sooner than others are looked up anew. */
const WORTH_READING = 4;

/** Stretches in which some hours or days lie, those that are near each other in one. */
function stretchesOf(times: ReadonlySet<number>): readonly Span[] {
  const stretches: { from: number; to: number }[] = [];
  for (const time of [...times].sort((one, other) => one - other)) {
    const last = stretches.at(-1);
    if (last !== undefined && time - last.to <= WORTH_READING) last.to = time + 1;
    else stretches.push({ from: time, to: time + 1 });
  }
  return stretches;
}
