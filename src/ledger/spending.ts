import { type Kysely, sql } from "kysely";
import { idFrom } from "../storage/row-ids.ts";
import type { Tables } from "../storage/schema.ts";

/** Whose spending, since when (milliseconds since 1970). */
export interface SpendingQuery {
  readonly project?: string;
  readonly keyId?: string;
  readonly tokenId?: string;
  readonly sinceMs: number;
}

/** What the calls that began since then have cost, in nano-dollars. Calls without a price add nothing. */
export async function spentSince(
  store: Kysely<Tables>,
  { project, keyId, tokenId, sinceMs }: SpendingQuery,
): Promise<bigint> {
  let rows = store
    .selectFrom("attempts")
    .where("id", ">=", idFrom("att_", sinceMs))
    .where("started_at_ms", ">=", sinceMs);
  if (project !== undefined) rows = rows.where("project", "=", project);
  if (keyId !== undefined) rows = rows.where("key_id", "=", keyId);
  if (tokenId !== undefined) rows = rows.where("token_id", "=", tokenId);
  const { sum } = await rows
    .select(sql<string>`cast(coalesce(sum(cost_nanodollars), 0) as text)`.as("sum"))
    .executeTakeFirstOrThrow();
  return BigInt(sum);
}
