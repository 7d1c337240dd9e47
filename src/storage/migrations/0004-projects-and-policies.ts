import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

/** Policies of projects and keys, roles of admin keys, the audit log, stored prices. */
export const projectsAndPolicies: Migration = {
  async up(store) {
    await extendProjects(store);
    await extendVirtualKeys(store);
    await moveRulesIntoPolicies(store);
    await extendAdminKeys(store);
    await createAuditLog(store);
    await createPriceOverrides(store);
    await createChangeCounter(store);
  },
};

async function extendProjects(store: Kysely<unknown>): Promise<void> {
  await addColumns(store, "projects", {
    title: "text",
    policy: "text not null default '{}'",
    markup: "text not null default '1'",
    retention_days: "integer",
    updated_at_ms: "integer not null default 0",
    blocked_at_ms: "integer",
    deleted_at_ms: "integer",
    revision: "integer not null default 0",
  });
  await sql`update projects set updated_at_ms = created_at_ms`.execute(store);
  await store.schema.createIndex("projects_by_revision").on("projects").column("revision").execute();
}

async function extendVirtualKeys(store: Kysely<unknown>): Promise<void> {
  await addColumns(store, "virtual_keys", {
    description: "text",
    previous_digest: "text",
    previous_prefix: "text",
    previous_until_ms: "integer",
    policy: "text not null default '{}'",
    tags: "text not null default '{}'",
    created_by: "text",
    updated_at_ms: "integer not null default 0",
    rotated_at_ms: "integer",
    blocked_at_ms: "integer",
  });
  await sql`update virtual_keys set updated_at_ms = coalesce(revoked_at_ms, created_at_ms)`.execute(store);
  await store.schema
    .createIndex("virtual_keys_by_project")
    .on("virtual_keys")
    .columns(["project", "id"])
    .execute();
}

interface OldRules {
  readonly id: string;
  readonly allowed_models: string | null;
  readonly max_concurrent: number | null;
}

/** What a key may do was two columns; it is two members of its policy now, with the same effect. */
async function moveRulesIntoPolicies(store: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<OldRules>`select id, allowed_models, max_concurrent from virtual_keys`.execute(
    store,
  );
  for (const row of rows) {
    const policy = {
      ...(row.allowed_models === null ? {} : { models: patternsOf(row.allowed_models) }),
      ...(row.max_concurrent === null ? {} : { max_concurrent: row.max_concurrent }),
    };
    const text = JSON.stringify(policy);
    if (text !== "{}")
      await sql`update virtual_keys set policy = ${text} where id = ${row.id}`.execute(store);
  }
  for (const column of ["allowed_models", "max_concurrent"])
    await sql`alter table virtual_keys drop column ${sql.id(column)}`.execute(store);
}

/** As it was read before: anything but an array of texts allows nothing. */
function patternsOf(stored: string): string[] {
  try {
    const parsed: unknown = JSON.parse(stored);
    return Array.isArray(parsed) ? parsed.filter((pattern) => typeof pattern === "string") : [];
  } catch {
    return [];
  }
}

/** Whoever had an admin key could do everything. */
async function extendAdminKeys(store: Kysely<unknown>): Promise<void> {
  await addColumns(store, "admin_keys", {
    role: "text not null default 'viewer'",
    created_by: "text",
    expires_at_ms: "integer",
  });
  await sql`update admin_keys set role = 'owner'`.execute(store);
}

async function createAuditLog(store: Kysely<unknown>): Promise<void> {
  await sql`create table audit_log (
    id text not null primary key,
    at_ms integer not null,
    actor_kind text not null,
    actor_id text not null,
    actor_name text not null,
    request_id text,
    action text not null,
    resource text not null,
    resource_id text not null,
    before text,
    after text
  ) strict, without rowid`.execute(store);
  await store.schema
    .createIndex("audit_log_by_resource")
    .on("audit_log")
    .columns(["resource", "resource_id", "id"])
    .execute();
}

async function createPriceOverrides(store: Kysely<unknown>): Promise<void> {
  await sql`create table price_overrides (
    id text not null primary key,
    provider text not null,
    model text not null,
    price text not null,
    valid_from_ms integer,
    valid_until_ms integer,
    created_at_ms integer not null,
    created_by text not null,
    updated_at_ms integer not null,
    revision integer not null
  ) strict, without rowid`.execute(store);
}

/** Begins where the keys' own revisions have come to. */
async function createChangeCounter(store: Kysely<unknown>): Promise<void> {
  await sql`create table change_counter (id integer not null primary key, value integer not null) strict`.execute(
    store,
  );
  await sql`insert into change_counter (id, value) values (1, max(
    coalesce((select max(revision) from virtual_keys), 0),
    coalesce((select max(revision) from admin_keys), 0)
  ))`.execute(store);
}

async function addColumns(
  store: Kysely<unknown>,
  table: string,
  columns: { readonly [name: string]: string },
): Promise<void> {
  for (const [name, type] of Object.entries(columns)) {
    await sql`alter table ${sql.table(table)} add column ${sql.id(name)} ${sql.raw(type)}`.execute(store);
  }
}
