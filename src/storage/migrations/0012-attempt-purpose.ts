import { sql } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * What an attempt was made for, where it was not to give an answer from its beginning. The index holds those alone, so
 * all others cost nothing.
 */
export const attemptPurpose: Migration = {
  async up(store) {
    await store.schema.alterTable("attempts").addColumn("purpose", "text").execute();
    await sql`create index attempts_by_purpose on attempts (purpose, id) where purpose is not null`.execute(
      store,
    );
  },
};
