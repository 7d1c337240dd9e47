import type { Migration } from "kysely/migration";

/** What an attempt was made for, where it was not to give an answer from its beginning. */
export const attemptPurpose: Migration = {
  async up(store) {
    await store.schema.alterTable("attempts").addColumn("purpose", "text").execute();
  },
};
