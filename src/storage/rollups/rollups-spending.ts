import { type Kysely, sql } from "kysely";
import type { Tables } from "../schema.ts";
import type { SpendingOrder, SpendingSum } from "./spending-order.ts";
import { DAY_MS, HOUR_MS } from "./usage-deltas.ts";

/** A stretch of whole hours since 1970, `[from, until)`. */
export interface HourSpan {
  readonly from: number;
  readonly until: number;
}

/** Whose rollups: a project's, or those of one of its keys. */
export interface RollupOwner {
  readonly project: string;
  readonly keyId?: string;
}

const HOURS_OF_DAY = DAY_MS / HOUR_MS;

/**
 * What the rollups of some hours say was spent, dated by the ends of the hours. Of the hours that make whole days the
 * days are read where one sum is asked for: they are fewer.
 */
export async function rollupsSpending(
  store: Kysely<Tables>,
  { stretchMs }: Pick<SpendingOrder, "stretchMs">,
  owner: RollupOwner,
  { from, until }: HourSpan,
): Promise<readonly SpendingSum[]> {
  if (stretchMs !== undefined) return sumsOf(store, HOURS, owner, { from, until });
  const firstDay = Math.ceil(from / HOURS_OF_DAY);
  const lead = await sumsOf(store, HOURS, owner, { from, until: firstDay * HOURS_OF_DAY });
  return [
    ...lead,
    ...(await sumsOf(store, DAYS, owner, { from: firstDay, until: Number.POSITIVE_INFINITY })),
  ];
}

const HOURS = { table: "usage_hours", span: "hour", spanMs: HOUR_MS } as const;
const DAYS = { table: "usage_days", span: "day", spanMs: DAY_MS } as const;

/** The series begin with their project, so it must be named for a key's few to be found among those of all. */
async function sumsOf(
  store: Kysely<Tables>,
  { table, span, spanMs }: typeof HOURS | typeof DAYS,
  { project, keyId }: RollupOwner,
  { from, until }: HourSpan,
): Promise<readonly SpendingSum[]> {
  const key = keyId === undefined ? sql`` : sql`and usage_series.key_id = ${keyId}`;
  const { rows } = await sql<{ readonly span: number; readonly spent: string }>`
    select ${sql.ref(span)} as span, cast(sum(cost_nanodollars) as text) as spent
    from ${sql.table(table)} join usage_series on usage_series.id = series
    where usage_series.project = ${project} ${key}
      and ${sql.ref(span)} >= ${from} and ${sql.ref(span)} < ${Math.min(until, Number.MAX_SAFE_INTEGER)}
    group by ${sql.ref(span)}`.execute(store);
  return rows.map((row) => ({ atMs: (row.span + 1) * spanMs - 1, spent: BigInt(row.spent) }));
}
