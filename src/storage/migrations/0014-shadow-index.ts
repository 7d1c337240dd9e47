import { sql } from "kysely";
import type { Migration } from "kysely/migration";

/** Shadows are few among many attempts, and are asked for alone. The index holds them, so all others cost nothing. */
export const shadowIndex: Migration = {
  async up(store) {
    await sql`create index attempts_shadows on attempts (id) where purpose = 'shadow'`.execute(store);
  },
};
