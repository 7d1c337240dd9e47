import type { Migration } from "kysely/migration";

/** What a request lost on its way into a provider's dialect. */
export const requestWarnings: Migration = {
  async up(store) {
    await store.schema.alterTable("requests").addColumn("warnings", "text").execute();
  },
};
