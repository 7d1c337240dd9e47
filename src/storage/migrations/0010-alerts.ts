import { sql } from "kysely";
import type { Migration } from "kysely/migration";

/** Alerts: what was told, and what is still to be sent. */
export const alerts: Migration = {
  async up(store) {
    await sql`create table alerts (
      id text not null primary key,
      occasion text unique,
      occasion_ends_at_ms integer,
      created_at_ms integer not null,
      body text not null,
      attempts integer not null,
      next_attempt_at_ms integer,
      delivered_at_ms integer,
      last_problem text
    ) strict, without rowid`.execute(store);
    await sql`create index alerts_waiting on alerts (next_attempt_at_ms) where next_attempt_at_ms is not null`.execute(
      store,
    );
  },
};
