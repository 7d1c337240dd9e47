import { sql } from "kysely";
import type { Migration } from "kysely/migration";

/** What all end users' calls come to is called that. */
export const endUserTotals: Migration = {
  async up(store) {
    await sql`alter table usage_named_days rename to usage_end_user_totals`.execute(store);
    await sql`drop index usage_named_days_by_series`.execute(store);
    await sql`create index usage_end_user_totals_by_series on usage_end_user_totals (series, day)`.execute(
      store,
    );
  },
};
