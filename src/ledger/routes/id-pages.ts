import type { Database } from "bun:sqlite";

/** Rows of a table whose ids are in the order of time. `where` is a text of ours, for which there is an index by id. */
export interface PagedRows {
  readonly table: "requests" | "attempts";
  readonly where?: string;
  /** Ids behind this one and before that. */
  readonly from: string;
  readonly before: string;
}

/** Ids of one page: behind the first, up to the last. */
export interface IdPage {
  readonly after: string;
  readonly upTo: string;
}

const ROWS = 2_000;

/**
 * Rows by so many at a time: no long read keeps the log of the store from being emptied, and between two pages this
 * thread does what else is asked of it.
 */
export async function* idPages(
  database: Database,
  { table, where = "true", from, before }: PagedRows,
): AsyncGenerator<IdPage> {
  const last = `select max(id) as id from
    (select id from ${table} where ${where} and id > ? and id < ? order by id limit ${ROWS})`;
  for (let after = from; ; ) {
    const upTo = database.query<{ id: string | null }, [string, string]>(last).get(after, before)?.id;
    if (upTo === null || upTo === undefined) return;
    yield { after, upTo };
    after = upTo;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
