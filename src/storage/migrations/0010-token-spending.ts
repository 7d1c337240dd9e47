import { sql } from "kysely";
import type { Migration } from "kysely/migration";

/** What a browser token has spent is asked for at its first call; rows that no token made cost nothing. */
export const tokenSpending: Migration = {
  async up(store) {
    await sql`create index attempts_by_token on attempts (token_id, started_at_ms) where token_id is not null`.execute(
      store,
    );
  },
};
