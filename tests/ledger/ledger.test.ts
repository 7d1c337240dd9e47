import { Database } from "bun:sqlite";
import { afterEach, describe, expect, test } from "bun:test";
import { readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { journalFolder } from "../../src/ledger/journal-segments.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { type LedgerOptions, openLedger } from "../../src/ledger/open-ledger.ts";
import { openSqlite, storePath } from "../../src/storage/open-sqlite.ts";
import { attempt, closing, finish, priceBook, request, until } from "./samples.ts";
import { removeTemporaryFolders, temporaryFolder } from "./temporary-folder.ts";

afterEach(removeTemporaryFolders);

async function open(dataFolder: string, options: Partial<LedgerOptions> = {}): Promise<Ledger> {
  await (await openSqlite(dataFolder)).destroy();
  return openLedger({ dataFolder, priceBook, ...options });
}

async function call(ledger: Ledger, number: number): Promise<void> {
  await ledger.open(request(number), attempt(number));
  ledger.close(closing(number));
  ledger.finish(request(number), finish(number));
}

function rows<Row>(dataFolder: string, sql: string): Row[] {
  const database = new Database(storePath(dataFolder));
  try {
    return database.query<Row, []>(sql).all();
  } finally {
    database.close();
  }
}

describe("the ledger", () => {
  test("moves calls into the store by itself, and is drained to the last", async () => {
    const folder = temporaryFolder();
    const ledger = await open(folder);
    await call(ledger, 1);
    await until("the first call is in the store", () => ledger.lag().bytes === 0);
    expect(rows(folder, "select outcome from attempts")).toEqual([{ outcome: "ok" }]);
    await Promise.all(Array.from({ length: 3000 }, (_, index) => call(ledger, index + 2)));
    await ledger.drain();
    expect(ledger.lag()).toEqual({ bytes: 0, oldestMs: 0 });
    expect(rows(folder, "select count(*) as n from attempts where outcome = 'ok'")).toEqual([{ n: 3001 }]);
    expect(rows(folder, "select count(*) as n from requests where status = 200")).toEqual([{ n: 3001 }]);
    expect(ledger.open(request(0), attempt(0))).rejects.toMatchObject({ code: "journal_unavailable" });
  });

  test("while the store is down calls go on, health says so, and it heals without a restart", async () => {
    const folder = temporaryFolder();
    const ledger = await open(folder);
    await call(ledger, 1);
    await until("the first call is in the store", () => ledger.lag().bytes === 0);
    renameSync(storePath(folder), join(folder, "away.db"));
    await call(ledger, 2);
    await until("the failure is told", () => ledger.health().storeFailure !== undefined);
    await call(ledger, 3);
    expect(ledger.lag().bytes).toBeGreaterThan(0);
    renameSync(join(folder, "away.db"), storePath(folder));
    await until("everything is in the store", () => ledger.lag().bytes === 0);
    await until("the healing is told", () => ledger.health().storeFailure === undefined);
    await ledger.drain();
    expect(rows(folder, "select count(*) as n from attempts where outcome = 'ok'")).toEqual([{ n: 3 }]);
  });

  test("drained while the store is down it gives up, and the next start loses nothing", async () => {
    const folder = temporaryFolder();
    const first = await open(folder, { drainTimeoutMs: 50 });
    await call(first, 1);
    renameSync(storePath(folder), join(folder, "away.db"));
    await call(first, 2);
    await first.drain();
    expect(first.lag().bytes).toBeGreaterThan(0);
    renameSync(join(folder, "away.db"), storePath(folder));
    const second = await open(folder);
    await second.drain();
    expect(rows(folder, "select count(*) as n from attempts where outcome = 'ok'")).toEqual([{ n: 2 }]);
  });
});

describe("kill -9", () => {
  test("under load, three times over, loses and doubles nothing", async () => {
    const folder = temporaryFolder();
    const opened = new Set<number>();
    for (let round = 0; round < 3; round++) {
      for (const number of await runAndKill(folder, round * 1_000_000, 400 * (round + 1))) opened.add(number);
    }
    const ledger = await open(folder);
    await ledger.drain();
    const attempts = rows<{ id: string; outcome: string; cost_nanodollars: number }>(
      folder,
      "select id, outcome, cost_nanodollars from attempts",
    );
    const byId = new Map(attempts.map((row) => [row.id, row]));
    expect(byId.size).toBe(attempts.length);
    const missing = [...opened].filter((number) => !byId.has(`attempt-${number}`));
    expect(missing).toEqual([]);
    const costs = new Set(attempts.map(({ outcome, cost_nanodollars }) => `${outcome} ${cost_nanodollars}`));
    // 401 bytes are taken for 101 tokens at 2000 nano-dollars.
    expect([...costs].sort()).toEqual(["interrupted 202000", "ok 280000"]);
    expect(byId.get("attempt-0")?.outcome).toBe("interrupted");
    const unfinished = "select count(*) as n from requests where outcome is null";
    expect(rows(folder, unfinished)).toEqual([{ n: 0 }]);
    expect(rows(folder, "select count(*) as n from requests")).toEqual([{ n: attempts.length }]);
  }, 20_000);
});

/** Runs a gateway until it has opened a number of calls, kills it, and gives the calls that it was promised. */
async function runAndKill(folder: string, first: number, calls: number): Promise<number[]> {
  const script = join(import.meta.dir, "gateway-process.ts");
  const child = Bun.spawn([process.execPath, script, folder, String(first)], {
    stdout: "pipe",
    stderr: "inherit",
  });
  let text = "";
  let isKilled = false;
  const decoder = new TextDecoder();
  for await (const bytes of child.stdout) {
    text += decoder.decode(bytes, { stream: true });
    if (!isKilled && text.split("\n").length > calls) {
      child.kill("SIGKILL");
      isKilled = true;
    }
  }
  await child.exited;
  // The last line may be cut off; its number would be another.
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => Number(line.split(" ")[1]));
}

describe("recovery", () => {
  /** A ledger that stops as a killed process does: nothing ended, everything written. */
  async function abandon(
    folder: string,
    work: (ledger: Ledger) => Promise<void>,
    inStore: boolean,
  ): Promise<void> {
    const ledger = await open(folder, inStore ? {} : { drainTimeoutMs: 0 });
    await work(ledger);
    await new Promise(setImmediate);
    await ledger.drain();
  }

  test.each([true, false])(
    "ends what was left open, charged by its size (already in the store: %p)",
    async (inStore) => {
      const folder = temporaryFolder();
      await abandon(
        folder,
        async (ledger) => {
          await ledger.open(request(1), attempt(1));
          ledger.close(closing(1, { outcome: "failed" }));
          await ledger.open(request(1), attempt(2, { requestId: "request-1", ordinal: 2 }));
          await call(ledger, 7);
        },
        inStore,
      );
      const ledger = await open(folder);
      await ledger.drain();
      expect(
        rows(
          folder,
          "select id, outcome, input_tokens, output_tokens, usage_source, cost_nanodollars from attempts order by id",
        ),
      ).toEqual([
        {
          id: "attempt-1",
          outcome: "failed",
          input_tokens: 100,
          output_tokens: 10,
          usage_source: "reported",
          cost_nanodollars: 280_000,
        },
        {
          id: "attempt-2",
          outcome: "interrupted",
          input_tokens: 101,
          output_tokens: 0,
          usage_source: "estimated",
          cost_nanodollars: 202_000,
        },
        {
          id: "attempt-7",
          outcome: "ok",
          input_tokens: 100,
          output_tokens: 10,
          usage_source: "reported",
          cost_nanodollars: 280_000,
        },
      ]);
      expect(rows(folder, "select id, outcome, status, attempts from requests order by id")).toEqual([
        { id: "request-1", outcome: "interrupted", status: 0, attempts: 2 },
        { id: "request-7", outcome: "ok", status: 200, attempts: 1 },
      ]);
    },
  );

  test("a request whose attempts all ended but which did not is ended alone", async () => {
    const folder = temporaryFolder();
    await abandon(
      folder,
      async (ledger) => {
        await ledger.open(request(1), attempt(1));
        ledger.close(closing(1));
      },
      true,
    );
    await (await open(folder)).drain();
    expect(rows(folder, "select a.outcome as a, r.outcome as r from attempts a, requests r")).toEqual([
      { a: "ok", r: "interrupted" },
    ]);
  });

  test("happens once, however often it is started over", async () => {
    const folder = temporaryFolder();
    await abandon(folder, (ledger) => ledger.open(request(1), attempt(1)), false);
    for (let start = 0; start < 3; start++) await (await open(folder, { drainTimeoutMs: 0 })).drain();
    await (await open(folder)).drain();
    expect(rows(folder, "select outcome, cost_nanodollars from attempts")).toEqual([
      { outcome: "interrupted", cost_nanodollars: 202_000 },
    ]);
    expect(rows(folder, "select outcome from requests")).toEqual([{ outcome: "interrupted" }]);
  });

  test("an unpriced model has no cost, not a cost of zero", async () => {
    const folder = temporaryFolder();
    await abandon(folder, (ledger) => ledger.open(request(1), attempt(1, { model: "unknown" })), true);
    await (await open(folder)).drain();
    expect(rows(folder, "select outcome, cost_nanodollars from attempts")).toEqual([
      { outcome: "interrupted", cost_nanodollars: null },
    ]);
  });

  test("a quiet start writes nothing and leaves one empty segment", async () => {
    const folder = temporaryFolder();
    for (let start = 0; start < 3; start++) await (await open(folder)).drain();
    expect(readdirSync(journalFolder(folder))).toHaveLength(1);
  });
});
