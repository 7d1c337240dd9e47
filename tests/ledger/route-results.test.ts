import type { Database } from "bun:sqlite";
import { afterEach, describe, expect, test } from "bun:test";
import { attemptRow, requestRow } from "../../src/ledger/ledger-rows.ts";
import { ReaderThread } from "../../src/ledger/reader/reader-thread.ts";
import { routeResults } from "../../src/ledger/routes/route-results.ts";
import type { UsageQuery } from "../../src/ledger/usage/usage-query.ts";
import type { RequestClosing } from "../../src/model/attempt.ts";
import { BatchWriter } from "../../src/storage/batch.ts";
import { openDatabase } from "../../src/storage/open-database.ts";
import { openDatabaseInMemory, openSqlite, storePath } from "../../src/storage/open-sqlite.ts";
import { EMPTY_BATCH } from "./counted.ts";
import { attempt, closing, finish, request, START_MS } from "./samples.ts";
import { removeTemporaryFolders, temporaryFolder } from "./temporary-folder.ts";
import { idAt } from "./timed-ids.ts";

afterEach(removeTemporaryFolders);

/** A call of the route, a second after the one before; `ended` is what is told of its end. */
interface Call {
  readonly ended?: Partial<RequestClosing>;
  /** How its copy at the shadow ended; absent where there is none. */
  readonly copy?: "ok" | "failed";
}

function store(database: Database, calls: readonly Call[]): void {
  const writer = new BatchWriter(database);
  const rows = calls.map((call, number) => rowsOf(call, number));
  const finishedRequests = rows.map((row) => row.request);
  const closedAttempts = rows.flatMap((row) => row.attempts);
  writer.write({ ...EMPTY_BATCH, finishedRequests, closedAttempts }, { segment: 1, offset: 1 });
  writer.close();
}

function rowsOf({ ended, copy }: Call, number: number) {
  const atMs = START_MS + number * 1_000;
  const requestId = idAt("req_", atMs, number);
  const opening = request(number, { requestId, receivedAtMs: atMs });
  const end = finish(number, { requestId, route: "chat", ...ended });
  const own = end.attempts === 0 ? [] : [rowOfAttempt(0, end.outcome)];
  const copies = copy === undefined ? [] : [rowOfAttempt(1, copy)];
  return { request: requestRow(opening, end), attempts: [...own, ...copies] };

  function rowOfAttempt(place: number, outcome: RequestClosing["outcome"]) {
    const attemptId = idAt("att_", atMs + 1, 2 * number + place);
    const shadow = place === 1 ? ({ ordinal: 0, purpose: "shadow" } as const) : {};
    const begun = attempt(number, { attemptId, requestId, startedAtMs: atMs + 1, ...shadow });
    return attemptRow(opening, begun, closing(number, { attemptId, outcome }));
  }
}

const QUERY = { route: "chat", sinceMs: START_MS, untilMs: START_MS + 100_000_000 };

describe("a route's results", () => {
  test("count what came to an attempt, not what was refused before one", async () => {
    const database = await openDatabaseInMemory();
    const refused = { outcome: "blocked", status: 429, attempts: 0 } as const;
    store(database, [
      {},
      {},
      { ended: { outcome: "failed", status: 502 } },
      { ended: { ...refused, errorCode: "rate_limited" } },
      { ended: { ...refused, status: 402, errorCode: "budget_exhausted" } },
      { ended: { ...refused, outcome: "failed", status: 503, errorCode: "no_target" } },
    ]);
    const { arms } = await routeResults(database, QUERY);
    expect(arms.map(({ sums: { calls, errors, unpriced } }) => ({ calls, errors, unpriced }))).toEqual([
      { calls: 3, errors: 1, unpriced: 0 },
    ]);
    database.close();
  });

  test("of many calls are read by pages, between which the log is emptied and others are answered", async () => {
    const folder = temporaryFolder();
    await (await openSqlite(folder)).destroy();
    const database = openDatabase(storePath(folder), { create: false, checkpoint: true });
    const copies = [undefined, "ok", "failed"] as const;
    const calls = Array.from({ length: 6_500 }, (_, number): Call => {
      const copy = copies[number % copies.length];
      return {
        ended: { arm: number % 2 === 0 ? "old" : "new", route: number % 5 === 0 ? "other" : "chat" },
        ...(copy === undefined ? {} : { copy }),
      };
    });
    store(database, calls);
    const reading = openDatabase(storePath(folder), { create: false, checkpoint: false });
    const results = routeResults(reading, QUERY);
    const next = await Promise.race([
      results,
      new Promise((resolve) => setImmediate(() => resolve("a turn"))),
    ]);
    expect(next).toBe("a turn");
    expect(database.query("pragma wal_checkpoint(truncate)").get()).toMatchObject({ busy: 0, log: 0 });
    const { arms, shadows } = await results;
    expect(arms.map(({ arm, sums }) => [arm, sums.calls])).toEqual([
      ["new", 2_600],
      ["old", 2_600],
    ]);
    const copied = (outcome: Call["copy"]) =>
      calls.filter(({ copy, ended }) => copy === outcome && ended?.route === "chat").length;
    expect(shadows.map(({ outcomes, served }) => [outcomes, served.calls])).toEqual([
      [
        { bothOk: copied("ok"), onlyShadowFailed: copied("failed"), onlyServedFailed: 0, bothFailed: 0 },
        copied("ok") + copied("failed"),
      ],
    ]);
    reading.close();
    database.close();
  });

  test("come, whatever becomes of a question that is asked meanwhile", async () => {
    const folder = temporaryFolder();
    await (await openSqlite(folder)).destroy();
    const database = openDatabase(storePath(folder), { create: false, checkpoint: true });
    store(
      database,
      Array.from({ length: 6_500 }, () => ({})),
    );
    const reader = new ReaderThread(storePath(folder), []);
    const results = reader.routeResults(QUERY);
    const failing = reader.usage(undefined as unknown as UsageQuery);
    await expect(failing).rejects.toThrow();
    expect((await results).arms.map(({ sums }) => sums.calls)).toEqual([6_500]);
    expect((await reader.routeResults(QUERY)).arms.length).toBe(1);
    reader.close();
    database.close();
  });
});
