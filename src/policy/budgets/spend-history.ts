import type { Kysely } from "kysely";
import { type NanoDollars, nanoDollars } from "../../model/money.ts";
import { spendingSince } from "../../storage/rollups/spending.ts";
import type { SpendingOrder } from "../../storage/rollups/spending-order.ts";
import type { Tables } from "../../storage/schema.ts";

/** What was spent in one stretch of time, dated within it. */
export interface Spending {
  readonly atMs: number;
  readonly spent: NanoDollars;
}

/** What calls have cost, as the ledger says. */
export interface SpendHistory {
  /**
   * All spending of a project, key or token since a moment, added up by stretches of that length. Complete up to the
   * moment of asking but for the attempts that the order leaves out.
   */
  spentSince(order: SpendingOrder): Promise<readonly Spending[]>;
}

/** The history in the ledger's tables. `caughtUp` resolves once all that was written to the journal has been moved. */
export function ledgerHistory(store: Kysely<Tables>, caughtUp: () => Promise<void>): SpendHistory {
  return {
    async spentSince(order) {
      await caughtUp();
      const spending = await spendingSince(store, order);
      return spending.map(({ atMs, spent }) => ({ atMs, spent: nanoDollars(Number(spent)) }));
    },
  };
}
