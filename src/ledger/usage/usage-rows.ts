import type { SelectedSeries } from "./series-selection.ts";

/** A row of a rollup, without what takes time to unpack. */
export interface CountedRow {
  /** Its hour or day, counted from 1970 on. */
  readonly at: number;
  readonly series: number;
  readonly calls: number;
  /** In nano-dollars. */
  readonly cost: number;
  /** Absent where the rollup is not one of end users. */
  readonly end_user?: string;
}

/** All that a row counts. */
export interface MeasuredRow extends CountedRow {
  readonly measures: Uint8Array;
}

/** Is shown a row, its series, and the hour or day that it is grouped by: 0 where that is neither. */
export type Visit<Row> = (row: Row, series: SelectedSeries, time: number) => void;

/** Which rows are wanted. */
export interface UsagePlaces {
  readonly times: ReadonlySet<number>;
  readonly endUsers: ReadonlySet<string>;
  /** Of the series; `SelectedSeries.base`. */
  readonly bases: ReadonlySet<number>;
}

/** The rows of rollups that a question is about. */
export interface UsageRows {
  /** Shows every row. */
  count(visit: Visit<CountedRow>): void;
  /** Shows all rows of some places at least, perhaps others too; all rows where no places are named. */
  measure(places: UsagePlaces | undefined, visit: Visit<MeasuredRow>): void;
}

/** What time rows are grouped by: `hour` goes before `day`. */
export type TimeUnit = "hour" | "day" | "none";

/** Of so few series the rows are looked up one by one; of more, all rows of the time are read and most passed over. */
const FEW_SERIES = 40;

/** The ids of the series of some bases, where they are few enough to be looked up one by one. */
export function fewSeries(
  series: ReadonlyMap<number, SelectedSeries>,
  bases: ReadonlySet<number> | undefined,
): readonly number[] | undefined {
  const ids: number[] = [];
  for (const [id, { base }] of series) {
    if (bases !== undefined && !bases.has(base)) continue;
    if (ids.length === FEW_SERIES) return undefined;
    ids.push(id);
  }
  return ids;
}
