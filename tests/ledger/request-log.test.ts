import type { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { attemptRow, requestRow } from "../../src/ledger/ledger-rows.ts";
import type { RequestFilters } from "../../src/ledger/requests/request-filters.ts";
import { findRequest, findRequests } from "../../src/ledger/requests/request-log.ts";
import { BatchWriter } from "../../src/storage/batch.ts";
import { openDatabaseInMemory } from "../../src/storage/open-sqlite.ts";
import type { RequestRow } from "../../src/storage/schema.ts";
import { EMPTY_BATCH } from "./counted.ts";
import { attempt, closing, finish, request, START_MS } from "./samples.ts";
import { idAt } from "./timed-ids.ts";

async function storeOf(rows: readonly RequestRow[]): Promise<Database> {
  const database = await openDatabaseInMemory();
  const writer = new BatchWriter(database);
  writer.write({ ...EMPTY_BATCH, finishedRequests: rows }, { segment: 1, offset: 0 });
  writer.close();
  return database;
}

function row(number: number, atMs: number, changes: Partial<RequestRow> = {}): RequestRow {
  const base = requestRow(request(number), finish(number, { attempts: 0 }));
  return { ...base, id: idAt("req_", atMs, number), received_at_ms: atMs, ...changes };
}

function allPages(database: Database, filters: RequestFilters, limit: number): RequestRow[] {
  const found: RequestRow[] = [];
  for (let after: string | undefined; ; ) {
    const page = findRequests(database, { filters, limit, ...(after === undefined ? {} : { after }) });
    expect(page.rows.length).toBeLessThanOrEqual(limit);
    found.push(...page.rows);
    if (page.next === undefined) return found;
    after = page.next;
  }
}

const anyRow = fc.record({
  atMs: fc.integer({ min: START_MS, max: START_MS + 10_000 }),
  changes: fc.record({
    project: fc.constantFrom("shop", "lab"),
    end_user: fc.constantFrom(null, "ann", "bob"),
    status: fc.constantFrom(200, 429),
    total_ms: fc.nat(100),
    tags: fc.constantFrom(null, '{"team":"a"}', '{"team":"b"}'),
  }),
});

describe("the request log", () => {
  test("finds exactly what its filters say, newest first, however it is paged", async () => {
    const bound = fc.option(fc.integer({ min: START_MS - 1, max: START_MS + 10_001 }), { nil: undefined });
    const anyFilters = fc.record({
      project: fc.option(fc.constantFrom("shop", "lab"), { nil: undefined }),
      endUser: fc.option(fc.constantFrom("ann", "bob"), { nil: undefined }),
      status: fc.option(fc.constantFrom(200, 429), { nil: undefined }),
      leastMs: fc.option(fc.nat(100), { nil: undefined }),
      tag: fc.option(fc.constant({ name: "team", value: "a" }), { nil: undefined }),
      sinceMs: bound,
      untilMs: bound,
    });
    const limits = fc.integer({ min: 1, max: 7 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRow, { maxLength: 40 }),
        anyFilters,
        limits,
        async (drawn, picked, limit) => {
          const rows = drawn.map(({ atMs, changes }, number) => row(number, atMs, changes));
          const store = await storeOf(rows);
          const filters = Object.fromEntries(
            Object.entries(picked).filter(([, value]) => value !== undefined),
          );
          const { project, endUser, status, leastMs, tag, sinceMs, untilMs } = filters as RequestFilters;
          const expected = rows
            .filter((one) => project === undefined || one.project === project)
            .filter((one) => endUser === undefined || one.end_user === endUser)
            .filter((one) => status === undefined || one.status === status)
            .filter((one) => leastMs === undefined || (one.total_ms ?? -1) >= leastMs)
            .filter((one) => tag === undefined || one.tags === '{"team":"a"}')
            .filter((one) => sinceMs === undefined || one.received_at_ms >= sinceMs)
            .filter((one) => untilMs === undefined || one.received_at_ms < untilMs)
            .map(({ id }) => id)
            .sort()
            .reverse();
          expect(allPages(store, filters, limit).map(({ id }) => id)).toEqual(expected);
          store.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  test("finds what is rare among very many over several pages, some of which are empty", async () => {
    const database = await openDatabaseInMemory();
    const sample = row(0, START_MS, { project: "shop" });
    const names = Object.keys(sample) as (keyof RequestRow)[];
    const insert = database.prepare(
      `insert into requests (${names.join(", ")}) values (${names.map(() => "?").join(", ")})`,
    );
    database.transaction(() => {
      for (let number = 0; number < 150_000; number++) {
        const one = row(number, START_MS + number, number === 3 ? { project: "lab" } : {});
        insert.run(...names.map((name) => one[name] ?? null));
      }
    })();
    const first = findRequests(database, { filters: { project: "lab" }, limit: 10 });
    expect(first.rows).toEqual([]);
    expect(first.next).toBeString();
    expect(allPages(database, { project: "lab" }, 10).map(({ received_at_ms }) => received_at_ms)).toEqual([
      START_MS + 3,
    ]);
    insert.finalize();
    database.close();
  });

  const steps = test.each([0, -30_000, 30_000]);
  steps(
    "has a request's attempts in order, and no other's, where a clock is set by %d ms",
    async (stepMs) => {
      const database = await openDatabaseInMemory();
      const writer = new BatchWriter(database);
      const id = (number: number) => idAt("req_", START_MS + number, number);
      const attempts = [3, 1, 2, 4].map((number) => {
        const begun = attempt(number, {
          attemptId: idAt("att_", START_MS + stepMs + number, number),
          requestId: id(number === 4 ? 2 : 1),
          ordinal: number,
        });
        return { ...attemptRow(request(number), begun, closing(number)), id: begun.attemptId };
      });
      const requests = [1, 2].map((number) => ({
        ...requestRow(request(number), finish(number, { totalMs: 50 })),
        id: id(number),
      }));
      writer.write(
        { ...EMPTY_BATCH, closedAttempts: attempts, finishedRequests: requests },
        { segment: 1, offset: 0 },
      );
      expect(findRequest(database, id(1), 0)?.attempts.map(({ ordinal }) => ordinal)).toEqual([1, 2, 3]);
      expect(findRequest(database, id(2), 0)?.attempts.map(({ ordinal }) => ordinal)).toEqual([4]);
      expect(findRequest(database, id(3), 0)).toBeUndefined();
      writer.close();
      database.close();
    },
  );
});
