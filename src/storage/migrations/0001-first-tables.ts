import { type ColumnDefinitionBuilder, type CreateTableBuilder, type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

type Column = (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder;

const required: Column = (column) => column.notNull();
const identity: Column = (column) => column.notNull().primaryKey();
const optional: Column = (column) => column;

/**
 * Strict, so that a count can't become a text. Without rowid, so that a row is in one tree instead of two: its id is
 * time-ordered, hence new rows land at the end.
 */
function keyedTable<Name extends string>(table: CreateTableBuilder<Name>) {
  return table.modifyEnd(sql`strict, without rowid`);
}

/** The tables of schema.ts as of version 0.1. */
export const firstTables: Migration = {
  async up(store) {
    await createIdentityTables(store);
    await createRequests(store);
    await createAttempts(store);
    await createJournalPosition(store);
  },
};

async function createIdentityTables(store: Kysely<unknown>): Promise<void> {
  await keyedTable(store.schema.createTable("projects"))
    .addColumn("name", "text", identity)
    .addColumn("created_at_ms", "integer", required)
    .execute();
  await keyedTable(store.schema.createTable("virtual_keys"))
    .addColumn("id", "text", identity)
    .addColumn("project", "text", (column) => column.notNull().references("projects.name"))
    .addColumn("name", "text", required)
    .addColumn("digest", "text", (column) => column.notNull().unique())
    .addColumn("prefix", "text", required)
    .addColumn("allowed_models", "text", optional)
    .addColumn("max_concurrent", "integer", optional)
    .addColumn("created_at_ms", "integer", required)
    .addColumn("expires_at_ms", "integer", optional)
    .addColumn("revoked_at_ms", "integer", optional)
    .addColumn("revision", "integer", required)
    .execute();
  await keyedTable(store.schema.createTable("admin_keys"))
    .addColumn("id", "text", identity)
    .addColumn("name", "text", required)
    .addColumn("digest", "text", (column) => column.notNull().unique())
    .addColumn("prefix", "text", required)
    .addColumn("created_at_ms", "integer", required)
    .addColumn("revoked_at_ms", "integer", optional)
    .addColumn("revision", "integer", required)
    .execute();
  await store.schema.createIndex("virtual_keys_by_revision").on("virtual_keys").column("revision").execute();
  await store.schema.createIndex("admin_keys_by_revision").on("admin_keys").column("revision").execute();
}

async function createRequests(store: Kysely<unknown>): Promise<void> {
  await keyedTable(store.schema.createTable("requests"))
    .addColumn("id", "text", identity)
    .addColumn("received_at_ms", "integer", required)
    .addColumn("project", "text", required)
    .addColumn("key_id", "text", required)
    .addColumn("operation", "text", required)
    .addColumn("dialect", "text", required)
    .addColumn("requested_model", "text", required)
    .addColumn("stream", "integer", required)
    .addColumn("end_user", "text", optional)
    .addColumn("outcome", "text", optional)
    .addColumn("status", "integer", optional)
    .addColumn("error_code", "text", optional)
    .addColumn("attempts", "integer", required)
    .addColumn("first_token_ms", "integer", optional)
    .addColumn("total_ms", "integer", optional)
    .execute();
  await indexOpenRows(store, "requests");
}

async function createAttempts(store: Kysely<unknown>): Promise<void> {
  await keyedTable(store.schema.createTable("attempts"))
    .addColumn("id", "text", identity)
    .addColumn("request_id", "text", required)
    .addColumn("ordinal", "integer", required)
    .addColumn("started_at_ms", "integer", required)
    .addColumn("provider", "text", required)
    .addColumn("model", "text", required)
    .addColumn("project", "text", required)
    .addColumn("key_id", "text", required)
    .addColumn("body_bytes", "integer", required)
    .addColumn("outcome", "text", optional)
    .addColumn("upstream_status", "integer", optional)
    .addColumn("error_class", "text", optional)
    .addColumn("error_code", "text", optional)
    .addColumn("finish_reason", "text", optional)
    .addColumn("usage_source", "text", optional)
    .addColumn("input_tokens", "integer", optional)
    .addColumn("cached_input_tokens", "integer", optional)
    .addColumn("cache_write_5m_tokens", "integer", optional)
    .addColumn("cache_write_1h_tokens", "integer", optional)
    .addColumn("input_audio_tokens", "integer", optional)
    .addColumn("input_image_tokens", "integer", optional)
    .addColumn("output_tokens", "integer", optional)
    .addColumn("reasoning_tokens", "integer", optional)
    .addColumn("output_audio_tokens", "integer", optional)
    .addColumn("billed_tool_calls", "integer", optional)
    .addColumn("raw_usage", "text", optional)
    .addColumn("cost_nanodollars", "integer", optional)
    .addColumn("price_book_version", "text", optional)
    .addColumn("first_token_ms", "integer", optional)
    .addColumn("total_ms", "integer", optional)
    .addColumn("answer_bytes", "integer", optional)
    .execute();
  await store.schema.createIndex("attempts_by_start").on("attempts").column("started_at_ms").execute();
  await indexOpenRows(store, "attempts");
}

/** What was never ended is asked for at each start. The index holds those rows alone, so ended ones cost nothing. */
async function indexOpenRows(store: Kysely<unknown>, table: "requests" | "attempts"): Promise<void> {
  await sql`create index ${sql.id(`${table}_open`)} on ${sql.table(table)} (id) where outcome is null`.execute(
    store,
  );
}

async function createJournalPosition(store: Kysely<unknown>): Promise<void> {
  await store.schema
    .createTable("journal_position")
    .addColumn("id", "integer", (column) => column.notNull().primaryKey())
    .addColumn("segment", "integer", required)
    .addColumn("offset", "integer", required)
    .modifyEnd(sql`strict`)
    .execute();
}
