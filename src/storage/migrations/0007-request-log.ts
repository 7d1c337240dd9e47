import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

/** What requests are searched by, bodies that projects record, how far old rows are deleted. */
export const requestLog: Migration = {
  async up(store) {
    await extendRequests(store);
    await createRecordedBodies(store);
    await sql`create table retention_marks (
      project text not null,
      table_name text not null,
      through_id text not null,
      primary key (project, table_name)
    ) strict, without rowid`.execute(store);
  },
};

const TEXTS = ["provider", "model", "error_class"] as const;
const COUNTS = ["input_tokens", "output_tokens", "cost_nanodollars", "billed_nanodollars"] as const;

async function extendRequests(store: Kysely<unknown>): Promise<void> {
  for (const column of TEXTS) await store.schema.alterTable("requests").addColumn(column, "text").execute();
  for (const column of COUNTS)
    await store.schema.alterTable("requests").addColumn(column, "integer").execute();
  // Of several attempts the last one is named: a bare column is that of the row which has the maximum.
  await sql`update requests set provider = sums.provider, model = sums.model, error_class = sums.error_class,
      input_tokens = sums.input, output_tokens = sums.output,
      cost_nanodollars = sums.cost, billed_nanodollars = sums.billed
    from (
      select request_id, max(ordinal), provider, model, error_class, sum(input_tokens) as input,
        sum(output_tokens) as output, sum(cost_nanodollars) as cost, sum(billed_nanodollars) as billed
      from attempts where outcome is not null group by request_id
    ) as sums
    where sums.request_id = requests.id and requests.outcome is not null`.execute(store);
}

/** Beside the rows, since bodies are large and few of them are ever looked at. */
async function createRecordedBodies(store: Kysely<unknown>): Promise<void> {
  await sql`create table recorded_bodies (
    request_id text not null,
    part text not null,
    project text not null,
    recorded_at_ms integer not null,
    expires_at_ms integer not null,
    content_type text not null,
    body_bytes integer not null,
    is_cut integer not null,
    key_id text not null,
    sealed blob not null,
    primary key (request_id, part)
  ) strict`.execute(store);
  await sql`create index recorded_bodies_by_expiry on recorded_bodies (expires_at_ms)`.execute(store);
}
