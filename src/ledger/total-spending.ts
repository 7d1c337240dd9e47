import type { Kysely } from "kysely";
import { spendingSince } from "../storage/rollups/spending.ts";
import type { SpendingOrder } from "../storage/rollups/spending-order.ts";
import type { Tables } from "../storage/schema.ts";

/** Whose spending, since when (milliseconds since 1970). */
export type SpendingQuery = Pick<SpendingOrder, "scope" | "id" | "sinceMs">;

const NONE: ReadonlySet<string> = new Set();

/** What the calls that began since then have cost, in nano-dollars. Calls without a price add nothing. */
export async function totalSpending(store: Kysely<Tables>, query: SpendingQuery): Promise<bigint> {
  const stretches = await spendingSince(store, { ...query, stretchMs: undefined, leftOut: () => NONE });
  return stretches.reduce((sum, { spent }) => sum + spent, 0n);
}
