import type { Database, SQLQueryBindings } from "bun:sqlite";
import { idBefore, idFrom } from "../../storage/row-ids.ts";

/** What a row must be to be found. `sql` is a text of ours with one mark for each value. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly SQLQueryBindings[];
}

/** Rows of a table whose ids are in the order of time. */
export interface RowSearch {
  readonly table: "requests" | "attempts";
  readonly order: "newest first" | "oldest first";
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly conditions: readonly Condition[];
  readonly limit: number;
  /** Only rows behind that id in the order. */
  readonly after?: string;
}

/** Rows in order, and the id behind which the search goes on; undefined where there is nothing more. */
export interface FoundRows<Row> {
  readonly rows: readonly Row[];
  readonly next: string | undefined;
}

/**
 * Rows that one search looks at at most. What is rare among many is found over several pages, some of them short or
 * empty: the tables have no index beside their order, since each would cost every call more than it saves a search.
 */
const MAX_SEEN = 100_000;
const LAST_STRETCH = 25_000;

const TABLES = {
  requests: { prefix: "req_", time: "received_at_ms" },
  attempts: { prefix: "att_", time: "started_at_ms" },
} as const;

/** Finds rows. Reads only, for so long at most as `MAX_SEEN` takes. */
export function searchRows<Row extends { readonly id: string }>(
  database: Database,
  search: RowSearch,
): FoundRows<Row> {
  return search.conditions.length === 0 ? nextRows(database, search) : pickedRows(database, search);
}

/** Every row counts: the next ones are the page. */
function nextRows<Row extends { readonly id: string }>(
  database: Database,
  search: RowSearch,
): FoundRows<Row> {
  const rows = new Scan<Row>(database, search).rows(search.after, undefined, search.limit + 1);
  return pageOf(rows, search.limit, undefined);
}

function pickedRows<Row extends { readonly id: string }>(
  database: Database,
  search: RowSearch,
): FoundRows<Row> {
  const scan = new Scan<Row>(database, search);
  const found: Row[] = [];
  let place = search.after;
  let stretch = Math.max(1_000, 2 * search.limit);
  for (let seen = 0; seen < MAX_SEEN; seen += stretch, stretch = Math.min(4 * stretch, LAST_STRETCH)) {
    const end = scan.idBehind(place, stretch);
    found.push(...scan.rows(place, end, search.limit + 1 - found.length));
    if (found.length > search.limit || end === undefined) return pageOf(found, search.limit, undefined);
    place = end;
  }
  return pageOf(found, search.limit, place);
}

function pageOf<Row extends { readonly id: string }>(
  found: readonly Row[],
  limit: number,
  seenTo: string | undefined,
): FoundRows<Row> {
  if (found.length <= limit) return { rows: found, next: seenTo };
  const rows = found.slice(0, limit);
  return { rows, next: rows.at(-1)?.id };
}

/** Statements of one search. */
class Scan<Row> {
  readonly #database: Database;
  readonly #search: RowSearch;
  readonly #direction: "asc" | "desc";

  constructor(database: Database, search: RowSearch) {
    this.#database = database;
    this.#search = search;
    this.#direction = search.order === "newest first" ? "desc" : "asc";
  }

  /** Rows behind one id, up to another one. */
  rows(after: string | undefined, upTo: string | undefined, limit: number): Row[] {
    const { table, conditions } = this.#search;
    const all = [...this.#within(after, upTo), ...this.#times(), ...conditions];
    const { where, values } = joined(all);
    return this.#database
      .query<Row, SQLQueryBindings[]>(
        `select * from ${table} where ${where} order by id ${this.#direction} limit ?`,
      )
      .all(...values, limit);
  }

  /** The id that stands so many places behind another one; undefined where there are not so many. */
  idBehind(after: string | undefined, places: number): string | undefined {
    const { where, values } = joined(this.#within(after, undefined));
    const row = this.#database
      .query<{ id: string }, SQLQueryBindings[]>(
        `select id from ${this.#search.table} where ${where} order by id ${this.#direction} limit 1 offset ?`,
      )
      .get(...values, places - 1);
    return row?.id;
  }

  #within(after: string | undefined, upTo: string | undefined): Condition[] {
    const { table, sinceMs, untilMs } = this.#search;
    const { prefix } = TABLES[table];
    const [behind, ahead] = this.#direction === "desc" ? ["<", ">="] : [">", "<="];
    const bounds: (Condition | undefined)[] = [
      sinceMs === undefined ? undefined : { sql: "id >= ?", values: [idFrom(prefix, sinceMs)] },
      untilMs === undefined ? undefined : { sql: "id < ?", values: [idBefore(prefix, untilMs)] },
      after === undefined ? undefined : { sql: `id ${behind} ?`, values: [after] },
      upTo === undefined ? undefined : { sql: `id ${ahead} ?`, values: [upTo] },
    ];
    return bounds.filter((bound) => bound !== undefined);
  }

  /** Ids tell the time nearly. */
  #times(): Condition[] {
    const { table, sinceMs, untilMs } = this.#search;
    const { time } = TABLES[table];
    const bounds: (Condition | undefined)[] = [
      sinceMs === undefined ? undefined : { sql: `${time} >= ?`, values: [sinceMs] },
      untilMs === undefined ? undefined : { sql: `${time} < ?`, values: [untilMs] },
    ];
    return bounds.filter((bound) => bound !== undefined);
  }
}

function joined(conditions: readonly Condition[]): {
  readonly where: string;
  readonly values: SQLQueryBindings[];
} {
  if (conditions.length === 0) return { where: "1", values: [] };
  return {
    where: conditions.map(({ sql }) => sql).join(" and "),
    values: conditions.flatMap(({ values }) => values),
  };
}
