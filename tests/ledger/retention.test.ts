import { Database } from "bun:sqlite";
import { afterEach, describe, expect, test } from "bun:test";
import { attemptRow, requestRow } from "../../src/ledger/ledger-rows.ts";
import { Retention } from "../../src/ledger/retention.ts";
import { totalSpending } from "../../src/ledger/total-spending.ts";
import { usageReport } from "../../src/ledger/usage/usage-report.ts";
import { nanoDollars } from "../../src/model/money.ts";
import { ledgerHistory } from "../../src/policy/budgets/spend-history.ts";
import { BatchWriter } from "../../src/storage/batch.ts";
import { openSqlite, storePath } from "../../src/storage/open-sqlite.ts";
import { projectRow, virtualKeyRow } from "../storage/rows.ts";
import { EMPTY_BATCH } from "./counted.ts";
import { attempt, closing, finish, request, START_MS } from "./samples.ts";
import { removeTemporaryFolders, temporaryFolder } from "./temporary-folder.ts";
import { idAt } from "./timed-ids.ts";

afterEach(removeTemporaryFolders);

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAYS = 10;
const CALLS_A_DAY = 300;

/** Ten days of calls of two projects, of which `shop` keeps its rows for three days; `lab` for ever. */
async function agedStore() {
  const folder = temporaryFolder();
  const store = await openSqlite(folder);
  const shop = projectRow("shop", { retention_days: 3 });
  await store
    .insertInto("projects")
    .values([shop, projectRow("lab")])
    .execute();
  await store
    .insertInto("virtual_keys")
    .values(virtualKeyRow({ id: "key-1" }))
    .execute();
  const database = new Database(storePath(folder));
  const writer = new BatchWriter(database);
  for (let day = 0; day < DAYS; day++) {
    const numbers = Array.from({ length: CALLS_A_DAY }, (_, index) => day * CALLS_A_DAY + index);
    writer.write(
      {
        ...EMPTY_BATCH,
        closedAttempts: numbers.map((number) => attemptAt(number, timeOf(day, number))),
        finishedRequests: numbers.map((number) => requestAt(number, timeOf(day, number))),
      },
      { segment: 1, offset: day + 1 },
    );
  }
  writer.close();
  return { store, database, retention: new Retention(database) };
}

const timeOf = (day: number, number: number) => START_MS + day * DAY_MS + (number % CALLS_A_DAY) * 17_000;
const projectOf = (number: number) => (number % 2 === 0 ? "shop" : "lab");

function attemptAt(number: number, atMs: number) {
  const project = projectOf(number);
  const keyId = project === "shop" ? "key-1" : "key-2";
  const begun = attempt(number, { startedAtMs: atMs, attemptId: idAt("att_", atMs, number) });
  const ended = closing(number, { cost: nanoDollars(number + 1), attemptId: begun.attemptId });
  return attemptRow(request(number, { project, keyId }), begun, ended);
}

function requestAt(number: number, atMs: number) {
  const project = projectOf(number);
  return {
    ...requestRow(request(number, { project, receivedAtMs: atMs }), finish(number)),
    id: idAt("req_", atMs, number),
  };
}

/** Deletes all there is to delete; gives how many steps that took. */
function deleteAll(retention: Retention, nowMs: number): number {
  for (let steps = 1; ; steps++) if (!retention.step(nowMs)) return steps;
}

const NOW_MS = START_MS + DAYS * DAY_MS;

describe("retention", () => {
  test("deletes whole days of one project, and leaves the other and all rollups", async () => {
    const { store, database, retention } = await agedStore();
    const before = usageReport(database, { by: ["project", "day", "hour"], order: "group" });
    deleteAll(retention, NOW_MS);
    const days = (table: string, time: string, project: string) =>
      database
        .query<{ day: number }, [string]>(
          `select distinct ${time} / ${DAY_MS} as day from ${table} where project = ? order by day`,
        )
        .all(project)
        .map(({ day }) => day - Math.floor(START_MS / DAY_MS));
    const kept = [7, 8, 9];
    const all = Array.from({ length: DAYS }, (_, day) => day);
    expect(days("requests", "received_at_ms", "shop")).toEqual(kept);
    expect(days("attempts", "started_at_ms", "shop")).toEqual(kept);
    expect(days("requests", "received_at_ms", "lab")).toEqual(all);
    expect(days("attempts", "started_at_ms", "lab")).toEqual(all);
    expect(usageReport(database, { by: ["project", "day", "hour"], order: "group" })).toEqual(before);
    expect(deleteAll(retention, NOW_MS)).toBe(1);
    database.close();
    await store.destroy();
  });

  test("budgets go on counting what was deleted", async () => {
    const { store, database, retention } = await agedStore();
    const history = ledgerHistory(store, async () => {});
    const none = new Set<string>();
    const spent = async (scope: "project" | "key", id: string, sinceMs: number) => {
      const order = { scope, id, sinceMs, stretchMs: undefined, leftOut: () => none };
      const stretches = await history.spentSince(order);
      const sum = stretches.reduce((all, one) => all + BigInt(one.spent), 0n);
      expect(await totalSpending(store, { scope, id, sinceMs })).toBe(sum);
      return sum;
    };
    const owners = [
      ["project", "shop"],
      ["project", "lab"],
      ["key", "key-1"],
    ] as const;
    const moments = [0, START_MS - 12 * HOUR_MS, START_MS + 2.5 * DAY_MS, START_MS + 8 * DAY_MS];
    const before = new Map<string, bigint>();
    for (const [scope, id] of owners)
      for (const moment of moments) before.set(`${id} ${moment}`, await spent(scope, id, moment));
    // Some at a time: whatever is deleted when it is asked, the sum is the same.
    for (let isMore = true; isMore; isMore = retention.step(NOW_MS)) {
      for (const [scope, id] of owners)
        for (const moment of moments)
          expect([id, moment, await spent(scope, id, moment)]).toEqual([
            id,
            moment,
            before.get(`${id} ${moment}`) ?? -1n,
          ]);
    }
    expect(before.get("shop 0")).toBeGreaterThan(0n);
    database.close();
    await store.destroy();
  });

  test("what is open is left alone", async () => {
    const { store, database, retention } = await agedStore();
    database.run("update attempts set outcome = null where id = (select min(id) from attempts)");
    deleteAll(retention, NOW_MS);
    expect(database.query("select count(*) as count from attempts where outcome is null").get()).toEqual({
      count: 1,
    });
    database.close();
    await store.destroy();
  });
});
