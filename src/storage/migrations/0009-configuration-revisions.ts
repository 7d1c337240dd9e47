import { sql } from "kysely";
import type { Migration } from "kysely/migration";

/** What the configuration was, and the providers' secrets that were entered here. Both are sealed. */
export const configurationRevisions: Migration = {
  async up(store) {
    await sql`create table configuration_revisions (
      number integer not null primary key,
      made_at_ms integer not null,
      source text not null,
      actor_kind text not null,
      actor_id text not null,
      actor_name text not null,
      request_id text,
      note text,
      restores integer,
      digest text not null,
      sealed_text text not null,
      state text not null,
      settled_at_ms integer,
      problems text
    ) strict`.execute(store);
    await sql`create table provider_secrets (
      id text not null primary key,
      provider text not null,
      origin text not null,
      sealed_secret text not null,
      entered_at_ms integer not null,
      entered_by text not null,
      revision integer not null,
      unique (provider, origin)
    ) strict, without rowid`.execute(store);
  },
};
