import type { Database, SQLQueryBindings } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type CompiledQuery, Kysely, type LogEvent, SqliteDialect } from "kysely";
import { ledgerBudgetStates } from "../../src/assembly/budget-states.ts";
import { attemptRow } from "../../src/ledger/ledger-rows.ts";
import { Retention } from "../../src/ledger/retention.ts";
import { nonEmptyText } from "../../src/model/caller.ts";
import { nanoDollars } from "../../src/model/money.ts";
import type { ScopedPolicy } from "../../src/model/policy.ts";
import { Budgets } from "../../src/policy/budgets/budgets.ts";
import { ledgerHistory, type SpendHistory, type Spending } from "../../src/policy/budgets/spend-history.ts";
import { BatchWriter } from "../../src/storage/batch.ts";
import { kyselyDatabase } from "../../src/storage/kysely-database.ts";
import { openDatabase } from "../../src/storage/open-database.ts";
import { openSqlite, storePath } from "../../src/storage/open-sqlite.ts";
import type { AttemptRow, Tables } from "../../src/storage/schema.ts";
import { projectRow, virtualKeyRow } from "../storage/rows.ts";
import { EMPTY_BATCH } from "./counted.ts";
import { attempt, closing, request, START_MS } from "./samples.ts";
import { removeTemporaryFolders, temporaryFolder } from "./temporary-folder.ts";
import { idAt } from "./timed-ids.ts";

/** What budgets begin with is what the rows add up to, wherever it is taken from. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const END_MS = START_MS + 6 * DAY_MS;
const ROWS = 3_000;

const OWNERS = [
  { scope: "project", id: "shop" },
  { scope: "project", id: "lab" },
  { scope: "key", id: "key-0" },
  { scope: "key", id: "key-3" },
  { scope: "token", id: "token-1" },
  { scope: "key", id: "nobody" },
] as const;
type Owner = (typeof OWNERS)[number];

let store: Kysely<Tables>;
let database: Database;
let rows: readonly AttemptRow[];

beforeAll(async () => {
  const folder = temporaryFolder();
  store = await openSqlite(folder);
  const projects = [projectRow("shop", { retention_days: 2 }), projectRow("lab")];
  await store.insertInto("projects").values(projects).execute();
  const keys = [0, 1, 2, 3].map((key) =>
    virtualKeyRow({ id: `key-${key}`, name: `${key}`, project: key % 2 === 0 ? "shop" : "lab" }),
  );
  await store.insertInto("virtual_keys").values(keys).execute();
  rows = Array.from({ length: ROWS }, (_, number) => rowOf(number));
  database = openDatabase(storePath(folder), { create: false, checkpoint: true });
  const writer = new BatchWriter(database);
  writer.write({ ...EMPTY_BATCH, closedAttempts: rows }, { segment: 1, offset: 1 });
  writer.close();
});
afterAll(async () => {
  database.close();
  await store.destroy();
  removeTemporaryFolders();
});

function rowOf(number: number): AttemptRow {
  const atMs = START_MS + Math.floor((number * 6 * DAY_MS) / ROWS);
  const key = (number * 7) % 4;
  const owner = {
    project: key % 2 === 0 ? "shop" : "lab",
    keyId: `key-${key}`,
    ...(number % 11 === 0 ? { tokenId: "token-1" } : {}),
  };
  const begun = attempt(number, { startedAtMs: atMs, attemptId: idAt("att_", atMs, number) });
  const { cost: _none, ...unpriced } = closing(number, { attemptId: begun.attemptId });
  const ended =
    number % 13 === 0 ? unpriced : { ...unpriced, cost: nanoDollars(1 + ((number * 37) % 1_000)) };
  return attemptRow(request(number, owner), begun, ended);
}

function isOf({ scope, id }: Owner, row: AttemptRow): boolean {
  return id === { project: row.project, key: row.key_id, token: row.token_id }[scope];
}

/** A history of the same rows, and the queries that it makes. */
function watchedHistory() {
  const asked: CompiledQuery[] = [];
  const log = (event: LogEvent): void => {
    asked.push(event.query);
  };
  const dialect = new SqliteDialect({ database: kyselyDatabase(database) });
  return { history: ledgerHistory(new Kysely<Tables>({ dialect, log }), async () => {}), asked };
}

/** The steps by which SQLite would carry a query out. */
function planOf({ sql, parameters }: CompiledQuery): readonly string[] {
  const steps = database.query<{ detail: string }, SQLQueryBindings[]>(`explain query plan ${sql}`);
  return steps.all(...parameters.map((value) => value as SQLQueryBindings)).map(({ detail }) => detail);
}

function withWindow({ scope, id }: Owner, lengthMs: number): ScopedPolicy {
  const budget = {
    name: "b",
    amount: nanoDollars(1_000_000_000),
    window: { kind: "rolling", lengthMs },
  } as const;
  return { scope, id, policy: { budgets: [{ ...budget, alertPercents: [] }] } };
}

function chargeTo(budgets: Budgets, scoped: ScopedPolicy, row: AttemptRow): void {
  if (row.cost_nanodollars === null) return;
  const caller = { project: nonEmptyText("p"), keyId: nonEmptyText("k"), keyName: "k", policies: [scoped] };
  const cost = nanoDollars(row.cost_nanodollars);
  budgets.charge(caller, { attemptId: row.id, startedAtMs: row.started_at_ms, cost }, undefined);
}

const sumOf = (spending: readonly { readonly spent: number }[]) =>
  spending.reduce((sum, { spent }) => sum + spent, 0);

const orders = fc.record({
  owner: fc.constantFrom(...OWNERS),
  sinceMs: fc.oneof(
    fc.constant(0),
    fc.integer({ min: START_MS - DAY_MS, max: END_MS + HOUR_MS }),
    fc.integer({ min: -2, max: 7 * 24 }).map((hour) => START_MS + hour * HOUR_MS),
  ),
  stretchMs: fc.constantFrom(undefined, 90_123, HOUR_MS, 9 * HOUR_MS),
  leftOut: fc.uniqueArray(fc.nat(ROWS - 1), { maxLength: 40 }),
});

interface Found {
  readonly spending: readonly Spending[];
  /** What the rows say, by their own times. */
  readonly counted: readonly { readonly atMs: number; readonly spent: number }[];
}

async function ask({
  owner,
  sinceMs,
  stretchMs,
  leftOut,
}: typeof orders extends fc.Arbitrary<infer T> ? T : never): Promise<Found> {
  const ids = new Set(leftOut.map((number) => rows[number]?.id ?? ""));
  const history = ledgerHistory(store, async () => {});
  const spending = await history.spentSince({ ...owner, sinceMs, stretchMs, leftOut: () => ids });
  const counted = rows
    .filter((row) => isOf(owner, row) && row.started_at_ms >= sinceMs && !ids.has(row.id))
    .map((row) => ({ atMs: row.started_at_ms, spent: row.cost_nanodollars ?? 0 }));
  return { spending, counted };
}

describe("spending since a moment", () => {
  test("is what the rows add up to, dated within its stretch", async () => {
    await fc.assert(
      fc.asyncProperty(orders, async (order) => {
        const { spending, counted } = await ask(order);
        const { stretchMs, sinceMs } = order;
        const placeOf = (ms: number) =>
          stretchMs === undefined ? sinceMs : Math.floor(ms / stretchMs) * stretchMs;
        const expected = new Map<number, number>();
        for (const { atMs, spent } of counted)
          expected.set(placeOf(atMs), (expected.get(placeOf(atMs)) ?? 0) + spent);
        const shown = spending.map(({ atMs, spent }) => [placeOf(atMs), Number(spent)] as const);
        expect(new Map(shown)).toEqual(new Map([...expected].filter(([, spent]) => spent > 0)));
      }),
      { numRuns: 300 },
    );
  });

  test.each(OWNERS.filter(({ scope }) => scope !== "token"))(
    "of $scope $id finds its own series among those of all, and their hours and days, by index",
    async (owner) => {
      const { history, asked } = watchedHistory();
      for (const stretchMs of [undefined, HOUR_MS])
        await history.spentSince({ ...owner, sinceMs: START_MS + 1, stretchMs, leftOut: () => new Set() });
      const rollups = asked.filter(({ sql }) => sql.includes("usage_series"));
      expect(rollups.length).toBe(owner.id === "nobody" ? 0 : 3);
      const ofSeries = owner.scope === "key" ? "(project=? AND key_id=?)" : "(project=?)";
      for (const query of rollups) {
        const [series, spans] = planOf(query);
        expect(series).toStartWith("SEARCH usage_series");
        expect(series).toEndWith(ofSeries);
        expect(spans).toMatch(
          /^SEARCH usage_(hours|days) .*\(series=\? AND (hour|day)>\? AND (hour|day)<\?\)$/,
        );
      }
    },
  );

  test("makes a rolling budget stand after a restart as before it, whenever that is", async () => {
    const hours = fc.constantFrom(1, 5, 24, 48, 49, 100, 160, 1_100);
    const later = fc.array(fc.nat(30 * HOUR_MS), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...OWNERS),
        hours,
        fc.nat(8 * DAY_MS),
        later,
        async (owner, length, after, steps) => {
          const scoped = withWindow(owner, length * HOUR_MS);
          const clock = { nowMs: START_MS - 60 * DAY_MS };
          const begun = (history: SpendHistory) =>
            new Budgets(
              history,
              () => {},
              () => clock.nowMs,
            );
          const running = begun({ spentSince: async () => [] });
          await running.read([scoped], clock.nowMs);
          for (const row of rows) if (isOf(owner, row)) chargeTo(running, scoped, row);
          clock.nowMs = END_MS + after;
          const { history, asked } = watchedHistory();
          const restarted = begun(history);
          for (const step of [0, ...steps]) {
            clock.nowMs += step;
            const [before, now] = [running, restarted].map((each) => each.read([scoped], clock.nowMs));
            expect(await now).toEqual((await before) ?? []);
          }
          // Long windows are kept by the hour, as the rollups are: no row needs to be read for them.
          if (length > 48 && owner.scope !== "token" && owner.id !== "nobody")
            expect(asked.map(({ sql }) => sql).filter((sql) => sql.includes('from "attempts"'))).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });

  test("is the same to a command, which asks the ledger alone, as to a gateway", async () => {
    const told = ledgerBudgetStates(store);
    for (const owner of OWNERS)
      for (const hours of [1, 5, 24, 48, 49, 100]) {
        const scoped = withWindow(owner, hours * HOUR_MS);
        const nowMs = END_MS - 17 * MINUTE_MS;
        const budgets = new Budgets(
          ledgerHistory(store, async () => {}),
          () => {},
          () => nowMs,
        );
        const [counted, asked] = [await budgets.read([scoped], nowMs), await told.read([scoped], nowMs)];
        expect(asked.map(({ spent }) => spent)).toEqual(counted.map(({ spent }) => spent));
      }
  });

  test("whose rows have been deleted is no less, counts at most the hour before, and leaves a window no sooner", async () => {
    const retention = new Retention(database);
    while (retention.step(END_MS));
    const left = await store.selectFrom("attempts").select("id").where("project", "=", "shop").execute();
    expect(left.length).toBeLessThan(ROWS / 4);
    await fc.assert(
      fc.asyncProperty(
        // What is left out is what ended just now.
        orders.filter(({ owner }) => owner.scope !== "token").map((order) => ({ ...order, leftOut: [] })),
        async (order) => {
          const { spending, counted } = await ask(order);
          const before = await ask({ ...order, sinceMs: Math.floor(order.sinceMs / HOUR_MS) * HOUR_MS });
          expect(sumOf(spending)).toBeGreaterThanOrEqual(sumOf(counted));
          expect(sumOf(spending)).toBeLessThanOrEqual(sumOf(before.counted));
          if (order.stretchMs === undefined) return;
          for (const hour of [12, 60, 100, 140]) {
            const isLater = ({ atMs }: { readonly atMs: number }) => atMs >= START_MS + hour * HOUR_MS;
            const stretchLater = ({ atMs }: { readonly atMs: number }) =>
              isLater({ atMs: atMs + (order.stretchMs ?? 0) });
            expect(sumOf(spending.filter(stretchLater))).toBeGreaterThanOrEqual(
              sumOf(counted.filter(isLater)),
            );
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
