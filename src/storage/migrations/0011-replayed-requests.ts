import type { Migration } from "kysely/migration";

/** Which requests were answered with the kept answer of another. */
export const replayedRequests: Migration = {
  async up(store) {
    await store.schema.alterTable("requests").addColumn("replay_of", "text").execute();
  },
};
