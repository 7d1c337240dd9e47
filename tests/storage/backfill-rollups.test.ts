import { expect, test } from "bun:test";
import { Kysely, SqliteDialect } from "kysely";
import { Migrator } from "kysely/migration";
import { attemptRow, requestRow } from "../../src/ledger/ledger-rows.ts";
import { usageReport } from "../../src/ledger/usage/usage-report.ts";
import { kyselyDatabase } from "../../src/storage/kysely-database.ts";
import { migrate } from "../../src/storage/migrate.ts";
import { MIGRATIONS } from "../../src/storage/migrations/index.ts";
import { openDatabase } from "../../src/storage/open-database.ts";
import type { Tables } from "../../src/storage/schema.ts";
import { attempt, closing, finish, request, START_MS } from "../ledger/samples.ts";

const HOUR_MS = 3_600_000;
const CALLS = 300;

/** Columns that came with the rollups or after them. */
const LATER = new Set([
  "tags",
  "route",
  "arm",
  "routing",
  "replay_of",
  "cache_savings_nanodollars",
  "provider",
  "model",
  "error_class",
  "input_tokens",
  "output_tokens",
  "cost_nanodollars",
  "billed_nanodollars",
]);

test("a store from before the rollups is counted, and its requests learn what they came to", async () => {
  const database = openDatabase(":memory:", { create: false, checkpoint: false });
  const store = new Kysely<Tables>({ dialect: new SqliteDialect({ database: kyselyDatabase(database) }) });
  const migrator = new Migrator({ db: store, provider: { getMigrations: async () => MIGRATIONS } });
  await migrator.migrateTo("0005-token-ids");
  for (let number = 0; number < CALLS; number++) {
    const asked = request(number, {
      endUser: `user-${number % 7}`,
      receivedAtMs: START_MS + number * HOUR_MS,
    });
    const begun = attempt(number, {
      startedAtMs: asked.receivedAtMs,
      model: number % 2 === 0 ? "large" : "small",
    });
    const requestValues = Object.entries(requestRow(asked, finish(number))).filter(
      ([name]) => !LATER.has(name),
    );
    const {
      operation: _,
      end_user: __,
      tags: ___,
      cache_savings_nanodollars: ____,
      purpose: _____,
      ...attemptValues
    } = attemptRow(asked, begun, closing(number));
    await store
      .insertInto("requests")
      .values(Object.fromEntries(requestValues) as never)
      .execute();
    await store
      .insertInto("attempts")
      .values(attemptValues as never)
      .execute();
  }
  const refused = requestRow(
    request(CALLS),
    finish(CALLS, { attempts: 0, outcome: "blocked", errorCode: "rate_limited" }),
  );
  const refusedValues = Object.entries(refused).filter(([name]) => !LATER.has(name));
  await store
    .insertInto("requests")
    .values(Object.fromEntries(refusedValues) as never)
    .execute();

  await migrate(database, store);

  const { lines, total } = usageReport(database, { by: ["model", "operation"], order: "group" });
  expect(lines).toMatchObject([
    { group: ["", "chat"], calls: 0, refused: 1, errorsByClass: { rate_limited: 1 } },
    { group: ["large", "chat"], calls: CALLS / 2, cost: 280_000n * BigInt(CALLS / 2) },
    { group: ["small", "chat"], calls: CALLS / 2, totalMs: { p50: 50 } },
  ]);
  expect(total).toMatchObject({ calls: CALLS, refused: 1, tokens: { inputTokens: 100 * CALLS } });
  expect(usageReport(database, { by: ["hour"], order: "cost" }).lines.length).toBe(CALLS);
  const byEndUser = usageReport(database, { by: ["end_user"], order: "group" });
  expect(byEndUser.lines).toMatchObject(
    Array.from({ length: 7 }, (_, user) => ({ group: [`user-${user}`] })),
  );
  const page = usageReport(database, { by: ["end_user"], order: "group", page: { limit: 3 } });
  expect(page.total).toEqual(byEndUser.total);
  expect(
    await store.selectFrom("requests").selectAll().where("id", "=", "request-5").execute(),
  ).toMatchObject([
    { provider: "acme", model: "small", input_tokens: 100, output_tokens: 10, cost_nanodollars: 280_000 },
  ]);
  await store.destroy();
});
