import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import { backfillRollups } from "./backfill-rollups.ts";

/** Usage by hour and day, kept beside the rows, and what the rows need to be counted by. */
export const rollups: Migration = {
  async up(store) {
    await extendAttempts(store);
    await createSeries(store);
    await createRollups(store);
    await backfillRollups(store);
    // Ids begin with their time, so the table is in the order of time itself; an index beside it cost each row as much again.
    await store.schema.dropIndex("attempts_by_start").execute();
  },
};

const REQUEST_COLUMNS = ["operation", "end_user", "tags"] as const;

/** An attempt says by itself all that it is counted by. */
async function extendAttempts(store: Kysely<unknown>): Promise<void> {
  for (const column of REQUEST_COLUMNS)
    await store.schema.alterTable("attempts").addColumn(column, "text").execute();
  await store.schema.alterTable("attempts").addColumn("cache_savings_nanodollars", "integer").execute();
  await store.schema.alterTable("requests").addColumn("tags", "text").execute();
  await sql`update attempts set operation = requests.operation, end_user = requests.end_user
    from requests where requests.id = attempts.request_id`.execute(store);
}

async function createSeries(store: Kysely<unknown>): Promise<void> {
  await sql`create table usage_series (
    id integer not null primary key,
    project text not null,
    key_id text not null,
    tags text not null,
    provider text not null,
    model text not null,
    operation text not null,
    outcome text not null,
    error_class text not null
  ) strict`.execute(store);
  await sql`create unique index usage_series_by_dimensions on usage_series
    (project, key_id, provider, model, operation, outcome, error_class, tags)`.execute(store);
}

async function createRollups(store: Kysely<unknown>): Promise<void> {
  for (const [table, span] of [
    ["usage_hours", "hour"],
    ["usage_days", "day"],
  ] as const) {
    await sql`create table ${sql.table(table)} (
      ${sql.id(span)} integer not null,
      series integer not null,
      calls integer not null,
      cost_nanodollars integer not null,
      measures blob not null,
      primary key (${sql.id(span)}, series)
    ) strict, without rowid`.execute(store);
    // New rows are few, and changing one that there is does not touch it.
    await sql`create index ${sql.id(`${table}_by_series`)} on ${sql.table(table)} (series, ${sql.id(span)})`.execute(
      store,
    );
  }
  await sql`create table usage_end_users (
    project text not null,
    day integer not null,
    end_user text not null,
    series integer not null,
    calls integer not null,
    cost_nanodollars integer not null,
    measures blob not null,
    primary key (project, day, end_user, series)
  ) strict, without rowid`.execute(store);
}
