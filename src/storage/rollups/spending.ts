import { type Kysely, sql } from "kysely";
import { timeOfId } from "../row-ids.ts";
import type { Tables } from "../schema.ts";
import { HOUR_MS } from "./usage-deltas.ts";

/** What was spent in one hour whose rows may be gone. */
export interface SpentHour {
  /** When it began, in milliseconds since 1970. */
  readonly atMs: number;
  /** In nano-dollars. */
  readonly spent: number;
}

/** Spending in the time whose rows have been deleted, and when the rows begin that are all still there. */
export interface DeletedSpending {
  readonly untilMs: number;
  readonly hours: readonly SpentHour[];
}

const NOTHING_DELETED: DeletedSpending = { untilMs: Number.NEGATIVE_INFINITY, hours: [] };

/**
 * What a project, or a key, has spent since a moment in rows that its retention has deleted: the rollups keep it, by the
 * hour. The hour in which the moment lies is counted whole. Browser tokens have no rollups; they live no longer than rows.
 */
export async function deletedSpending(
  store: Kysely<Tables>,
  scope: "project" | "key" | "token",
  id: string,
  sinceMs: number,
): Promise<DeletedSpending> {
  const project = scope === "key" ? await projectOf(store, id) : id;
  if (scope === "token" || project === undefined) return NOTHING_DELETED;
  const mark = await store
    .selectFrom("retention_marks")
    .select("through_id")
    .where("project", "=", project)
    .where("table_name", "=", "attempts")
    .executeTakeFirst();
  const throughMs = mark === undefined ? undefined : timeOfId(mark.through_id);
  if (throughMs === undefined || throughMs < sinceMs) return NOTHING_DELETED;
  const endHour = Math.floor(throughMs / HOUR_MS) + 1;
  const rows = await store
    .selectFrom("usage_hours")
    .innerJoin("usage_series", "usage_series.id", "usage_hours.series")
    .select(["hour", sql<number>`sum(cost_nanodollars)`.as("spent")])
    .where(scope === "key" ? "usage_series.key_id" : "usage_series.project", "=", id)
    .where("hour", ">=", Math.floor(sinceMs / HOUR_MS))
    .where("hour", "<", endHour)
    .groupBy("hour")
    .execute();
  return {
    untilMs: endHour * HOUR_MS,
    hours: rows.map(({ hour, spent }) => ({ atMs: hour * HOUR_MS, spent })),
  };
}

async function projectOf(store: Kysely<Tables>, keyId: string): Promise<string | undefined> {
  const key = await store
    .selectFrom("virtual_keys")
    .select("project")
    .where("id", "=", keyId)
    .executeTakeFirst();
  return key?.project;
}
