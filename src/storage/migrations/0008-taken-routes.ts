import type { Migration } from "kysely/migration";

/** Which route a request took, and why. */
export const takenRoutes: Migration = {
  async up(store) {
    await store.schema.alterTable("requests").addColumn("route", "text").execute();
    await store.schema.alterTable("requests").addColumn("arm", "text").execute();
    await store.schema.alterTable("requests").addColumn("routing", "text").execute();
  },
};
