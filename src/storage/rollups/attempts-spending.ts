import { type Kysely, sql } from "kysely";
import { idBefore, idFrom } from "../row-ids.ts";
import type { Tables } from "../schema.ts";
import type { SpendingOrder, SpendingSum } from "./spending-order.ts";

const COLUMNS = { project: "project", key: "key_id", token: "token_id" } as const;

/** What the rows of attempts that began in `[fromMs, untilMs)` say was spent, by the order's stretches. */
export async function attemptsSpending(
  store: Kysely<Tables>,
  { scope, id, sinceMs, stretchMs, leftOut }: SpendingOrder,
  fromMs: number,
  untilMs: number,
): Promise<readonly SpendingSum[]> {
  if (fromMs >= untilMs) return [];
  const isEndless = untilMs === Number.POSITIVE_INFINITY;
  const stretch =
    stretchMs === undefined ? sql<number>`0` : sql<number>`cast(started_at_ms / ${stretchMs} as integer)`;
  const rows = await store
    .selectFrom("attempts")
    .select([stretch.as("stretch"), sql<string>`cast(sum(cost_nanodollars) as text)`.as("spent")])
    .where(COLUMNS[scope], "=", id)
    .where("id", ">=", idFrom("att_", fromMs))
    .where("started_at_ms", ">=", fromMs)
    .$if(!isEndless, (query) =>
      query.where("id", "<", idBefore("att_", untilMs)).where("started_at_ms", "<", untilMs),
    )
    .where("cost_nanodollars", "is not", null)
    .where("purpose", "is not", "shadow")
    .where("id", "not in", [...leftOut()])
    .groupBy("stretch")
    .execute();
  return rows.map((row) => ({
    atMs: stretchMs === undefined ? sinceMs : row.stretch * stretchMs,
    spent: BigInt(row.spent),
  }));
}

/** What each of some attempts cost; those that are not here, are another's, or have no cost, are left out. */
export async function spendingOfAttempts(
  store: Kysely<Tables>,
  { scope, id }: Pick<SpendingOrder, "scope" | "id">,
  attempts: readonly string[],
): Promise<readonly { readonly startedAtMs: number; readonly spent: bigint }[]> {
  if (attempts.length === 0) return [];
  const rows = await store
    .selectFrom("attempts")
    .select(["started_at_ms", "cost_nanodollars"])
    .where("id", "in", attempts)
    .where(COLUMNS[scope], "=", id)
    .where("purpose", "is not", "shadow")
    .where("cost_nanodollars", "is not", null)
    .execute();
  return rows.map(({ started_at_ms, cost_nanodollars }) => ({
    startedAtMs: started_at_ms,
    spent: BigInt(cost_nanodollars ?? 0),
  }));
}
