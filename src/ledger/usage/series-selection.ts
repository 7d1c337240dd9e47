import type { Database } from "bun:sqlite";
import { isJsonObject } from "../../model/json.ts";
import type { UsageSeriesRow } from "../../storage/schema.ts";
import type { UsageFilters, UsageGrouping } from "./usage-query.ts";

/** A series that is counted, and what it gives to the groups that it is in. */
export interface SelectedSeries {
  readonly project: string;
  /** The class of its failures; empty where its calls did not fail. */
  readonly errorClass: string;
  readonly outcome: string;
  /** The value of each grouping; empty for those that its rows know. */
  readonly group: readonly string[];
  /** The same for all series that have these values, and for no other. */
  readonly base: number;
}

type Row = Omit<UsageSeriesRow, "id"> & { readonly id: number };

const COLUMNS = {
  project: "project",
  key: "key_id",
  provider: "provider",
  model: "model",
  operation: "operation",
  outcome: "outcome",
  error: "error_class",
} as const satisfies { readonly [Name in keyof UsageFilters]?: keyof UsageSeriesRow };

/** The series that calls must be of to be counted, by their ids. */
export function selectSeries(
  database: Database,
  filters: UsageFilters,
  by: readonly UsageGrouping[],
): ReadonlyMap<number, SelectedSeries> {
  const conditions: string[] = ["1"];
  const values: string[] = [];
  for (const name of Object.keys(COLUMNS) as (keyof typeof COLUMNS)[]) {
    const wanted = filters[name];
    if (wanted === undefined) continue;
    conditions.push(`${COLUMNS[name]} = ?`);
    values.push(wanted);
  }
  const query = database.query<Row, string[]>(`select * from usage_series where ${conditions.join(" and ")}`);
  const selected = new Map<number, SelectedSeries>();
  const bases = new Map<string, number>();
  const tags = new TagReader();
  for (const row of query.all(...values)) {
    const { tag } = filters;
    if (tag !== undefined && tags.valueOf(row.tags, tag.name) !== tag.value) continue;
    const group = by.map((grouping) => groupValue(grouping, row, tags));
    const name = group.join("\0");
    const base = bases.get(name) ?? bases.size;
    bases.set(name, base);
    selected.set(row.id, {
      project: row.project,
      errorClass: row.error_class,
      outcome: row.outcome,
      group,
      base,
    });
  }
  return selected;
}

function groupValue(grouping: UsageGrouping, row: Row, tags: TagReader): string {
  switch (grouping) {
    case "end_user":
    case "day":
    case "hour":
      return "";
    case "target":
      return row.provider === "" ? "" : `${row.provider}/${row.model}`;
    case "project":
    case "key":
    case "provider":
    case "model":
    case "operation":
    case "outcome":
    case "error":
      return row[COLUMNS[grouping]];
    default:
      return tags.valueOf(row.tags, grouping.slice("tag:".length)) ?? "";
  }
}

/** Reads tags. Many series have the same, so the last is kept. */
class TagReader {
  #text = "";
  #tags: ReadonlyMap<string, unknown> = new Map();

  valueOf(text: string, name: string): string | undefined {
    if (text !== this.#text) {
      this.#tags = tagsOf(text);
      this.#text = text;
    }
    const value = this.#tags.get(name);
    return typeof value === "string" ? value : undefined;
  }
}

function tagsOf(text: string): ReadonlyMap<string, unknown> {
  if (text === "") return new Map();
  const parsed: unknown = JSON.parse(text);
  return new Map(isJsonObject(parsed) ? Object.entries(parsed) : []);
}
