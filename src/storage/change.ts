import { type Kysely, sql, type Transaction } from "kysely";
import { patiently } from "./patiently.ts";
import type { Tables } from "./schema.ts";

/** A change under way: its transaction, the number that it takes, and its moment. */
export interface Change {
  readonly transaction: Transaction<Tables>;
  /** Goes into the `revision` of every row that the change touches. */
  readonly revision: number;
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

/**
 * Changes what is administered, wholly or not at all. The counter goes first: a transaction that reads before it
 * writes is refused at once by SQLite where another connection has written between, however long it would wait.
 */
export function change<Result>(
  store: Kysely<Tables>,
  work: (change: Change) => Promise<Result>,
): Promise<Result> {
  const changed = () =>
    store.transaction().execute(async (transaction) => {
      const { value } = await transaction
        .updateTable("change_counter")
        .set({ value: sql<number>`value + 1` })
        .returning("value")
        .executeTakeFirstOrThrow();
      return work({ transaction, revision: value, atMs: Date.now() });
    });
  return patiently(changed);
}

/** How many changes there have been; cheap enough to ask several times a second. */
export async function latestRevision(store: Kysely<Tables>): Promise<number> {
  const row = await store.selectFrom("change_counter").select("value").executeTakeFirstOrThrow();
  return row.value;
}
