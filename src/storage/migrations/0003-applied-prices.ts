import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

/** What a call's cost was worked out with, and what is billed for it. */
export const appliedPrices: Migration = {
  async up(store) {
    await store.schema
      .createTable("price_sheets")
      .addColumn("id", "text", (column) => column.notNull().primaryKey())
      .addColumn("content", "text", (column) => column.notNull())
      .modifyEnd(sql`strict, without rowid`)
      .execute();
    for (const column of TEXTS) await store.schema.alterTable("attempts").addColumn(column, "text").execute();
    for (const column of COUNTS)
      await store.schema.alterTable("attempts").addColumn(column, "integer").execute();
    await billEarlierCalls(store);
  },
};

const TEXTS = ["markup", "billed_tools", "service_tier", "price_sheet"] as const;
const COUNTS = [
  "cached_input_audio_tokens",
  "cached_input_image_tokens",
  "input_video_tokens",
  "output_image_tokens",
  "output_video_tokens",
  "billed_nanodollars",
] as const;

/** There was no markup yet. */
async function billEarlierCalls(store: Kysely<unknown>): Promise<void> {
  await sql`update attempts set billed_nanodollars = cost_nanodollars`.execute(store);
}
