import { type Kysely, sql } from "kysely";
import { type NanoDollars, nanoDollars } from "../../model/money.ts";
import type { ScopedPolicy } from "../../model/policy.ts";
import { deletedSpending } from "../../storage/rollups/deleted-spending.ts";
import { idFrom } from "../../storage/row-ids.ts";
import type { Tables } from "../../storage/schema.ts";

/** What was spent in one stretch of time, dated by its beginning. */
export interface Spending {
  readonly atMs: number;
  readonly spent: NanoDollars;
}

/** What calls have cost, as the ledger's rows say. */
export interface SpendHistory {
  /**
   * All spending of a project, key or token since a moment, added up by stretches of that length. Complete up to the
   * moment of asking but for the attempts named in `but`, which are left out.
   */
  spentSince(order: HistoryOrder): Promise<readonly Spending[]>;
}

/** What is asked of the history. */
export interface HistoryOrder {
  readonly scope: ScopedPolicy["scope"];
  readonly id: string;
  readonly sinceMs: number;
  readonly stretchMs: number;
  /** Ids of attempts that have been counted otherwise; read only once the rows are. */
  but(): ReadonlySet<string>;
}

const COLUMNS = { project: "project", key: "key_id", token: "token_id" } as const;

/** The history in the ledger's tables. `caughtUp` resolves once all that was written to the journal has been moved. */
export function ledgerHistory(store: Kysely<Tables>, caughtUp: () => Promise<void>): SpendHistory {
  return {
    async spentSince(order) {
      await caughtUp();
      // In one transaction: rows that are deleted between the two reads would be in neither.
      return store.transaction().execute((snapshot) => spendingIn(snapshot, order));
    },
  };
}

async function spendingIn(
  store: Kysely<Tables>,
  { scope, id, sinceMs, stretchMs, but }: HistoryOrder,
): Promise<readonly Spending[]> {
  const deleted = await deletedSpending(store, scope, id, sinceMs);
  const fromMs = Math.max(sinceMs, deleted.untilMs);
  const stretch = sql<number>`cast(started_at_ms / ${stretchMs} as integer)`;
  const rows = await store
    .selectFrom("attempts")
    .select([stretch.as("stretch"), (of) => of.fn.sum<number>("cost_nanodollars").as("spent")])
    .where(COLUMNS[scope], "=", id)
    .where("id", ">=", idFrom("att_", fromMs))
    .where("started_at_ms", ">=", fromMs)
    .where("cost_nanodollars", "is not", null)
    .where("id", "not in", [...but()])
    .groupBy("stretch")
    .execute();
  return [
    ...deleted.hours.map(({ atMs, spent }) => ({ atMs, spent: nanoDollars(spent) })),
    ...rows.map((row) => ({ atMs: row.stretch * stretchMs, spent: nanoDollars(row.spent) })),
  ];
}
