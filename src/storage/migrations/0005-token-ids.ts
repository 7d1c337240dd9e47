import type { Migration } from "kysely/migration";

/** Which browser token a call was made with: what is spent is counted for tokens, too. */
export const tokenIds: Migration = {
  async up(store) {
    await store.schema.alterTable("requests").addColumn("token_id", "text").execute();
    await store.schema.alterTable("attempts").addColumn("token_id", "text").execute();
  },
};
