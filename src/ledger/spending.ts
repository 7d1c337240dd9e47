import { type Kysely, sql } from "kysely";
import { deletedSpending } from "../storage/rollups/deleted-spending.ts";
import { idFrom } from "../storage/row-ids.ts";
import type { Tables } from "../storage/schema.ts";

/** Whose spending, since when (milliseconds since 1970). */
export interface SpendingQuery {
  readonly scope: "project" | "key" | "token";
  readonly id: string;
  readonly sinceMs: number;
}

const COLUMNS = { project: "project", key: "key_id", token: "token_id" } as const;

/** What the calls that began since then have cost, in nano-dollars. Calls without a price add nothing. */
export function spentSince(store: Kysely<Tables>, query: SpendingQuery): Promise<bigint> {
  // In one transaction: rows that are deleted between the two reads would be in neither.
  return store.transaction().execute((snapshot) => spentIn(snapshot, query));
}

async function spentIn(store: Kysely<Tables>, { scope, id, sinceMs }: SpendingQuery): Promise<bigint> {
  const deleted = await deletedSpending(store, scope, id, sinceMs);
  const fromMs = Math.max(sinceMs, deleted.untilMs);
  const { sum } = await store
    .selectFrom("attempts")
    .where(COLUMNS[scope], "=", id)
    .where("id", ">=", idFrom("att_", fromMs))
    .where("started_at_ms", ">=", fromMs)
    .select(sql<string>`cast(coalesce(sum(cost_nanodollars), 0) as text)`.as("sum"))
    .executeTakeFirstOrThrow();
  return deleted.hours.reduce((all, { spent }) => all + BigInt(spent), BigInt(sum));
}
