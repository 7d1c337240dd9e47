import type { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { attemptRow, requestRow } from "../../src/ledger/ledger-rows.ts";
import type { UsageGrouping, UsageLine, UsageQuery } from "../../src/ledger/usage/usage-query.ts";
import { usageReport } from "../../src/ledger/usage/usage-report.ts";
import { nanoDollars } from "../../src/model/money.ts";
import { BatchWriter } from "../../src/storage/batch.ts";
import { openDatabaseInMemory } from "../../src/storage/open-sqlite.ts";
import { SKETCH_ACCURACY } from "../../src/storage/rollups/duration-sketch.ts";
import type { AttemptClosingRow, AttemptRow } from "../../src/storage/schema.ts";
import { EMPTY_BATCH, storeOf } from "./counted.ts";
import { attempt, closing, finish, request, START_MS } from "./samples.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

function row(number: number, changes: Partial<AttemptRow> = {}): AttemptRow {
  return { ...attemptRow(request(number), attempt(number), closing(number)), ...changes };
}

function ask(database: Database, query: Partial<UsageQuery> = {}) {
  return usageReport(database, { by: [], order: "cost", ...query });
}

describe("usage by rollups", () => {
  test("groups, counts and sums, and names the key", async () => {
    const store = await storeOf([
      row(1),
      row(2, { outcome: "failed", error_class: "server", cost_nanodollars: 0, cached_input_tokens: 60 }),
      row(3, { outcome: "interrupted", cost_nanodollars: null, billed_nanodollars: null }),
      row(4, { provider: "other", started_at_ms: START_MS + DAY_MS }),
    ]);
    store.run("insert into projects (name, created_at_ms) values ('shop', 0)");
    store.run(
      "insert into virtual_keys (id, project, name, digest, prefix, created_at_ms, revision) values ('key-1', 'shop', 'website', 'd', 'p', 0, 1)",
    );
    const { lines, total } = ask(store, { by: ["provider", "key", "day"] });
    expect(lines).toMatchObject([
      {
        group: ["acme", "key-1", "2026-11-01"],
        keyName: "website",
        calls: 3,
        errors: 2,
        errorsByClass: { server: 1, interrupted: 1 },
        tokens: { inputTokens: 300, cachedInputTokens: 60, outputTokens: 30 },
        cost: 280_000n,
        unpriced: 1,
        totalMs: { p50: 50, p95: 50 },
        firstTokenMs: { p50: 20 },
        outputTokensPerSecond: 200,
      },
      { group: ["other", "key-1", "2026-11-02"], calls: 1, errors: 0, cost: 280_000n },
    ]);
    expect(total).toMatchObject({ group: [], calls: 4, errors: 2, cost: 560_000n, unpriced: 1 });
    store.close();
  });

  test("filters by everything that it groups by", async () => {
    const store = await storeOf([
      row(1, { tags: '{"team":"search","x":"1"}', end_user: "ann" }),
      row(2, { project: "other", key_id: "key-2", tags: '{"team":"ads"}', end_user: "bob" }),
      row(3, { provider: "else", model: "small", operation: "embedding" }),
      row(4, { outcome: "failed", error_class: "timeout" }),
    ]);
    const calls = (query: Partial<UsageQuery>) => ask(store, query).total?.calls ?? 0;
    expect(calls({})).toBe(4);
    expect(calls({ project: "other" })).toBe(1);
    expect(calls({ key: "key-1" })).toBe(3);
    expect(calls({ provider: "else", model: "small", operation: "embedding" })).toBe(1);
    expect(calls({ outcome: "failed", error: "timeout" })).toBe(1);
    expect(calls({ tag: { name: "team", value: "search" } })).toBe(1);
    expect(calls({ endUser: "bob" })).toBe(1);
    expect(calls({ endUser: "bob", project: "shop" })).toBe(0);
    expect(calls({ untilMs: START_MS })).toBe(0);
    expect(ask(store, { by: ["tag:team"], order: "group" }).lines).toMatchObject([
      { group: [""], calls: 2 },
      { group: ["ads"], calls: 1 },
      { group: ["search"], calls: 1 },
    ]);
    expect(ask(store, { by: ["end_user", "day"] }).lines).toMatchObject([
      { group: ["ann", "2026-11-01"], calls: 1 },
      { group: ["bob", "2026-11-01"], calls: 1 },
    ]);
    expect(ask(store, { by: ["model"], project: "none" })).toMatchObject({ lines: [], total: undefined });
    store.close();
  });

  test("counts whole hours: those in which the bounds lie are in it", async () => {
    const at = (hours: number) => row(hours, { started_at_ms: START_MS + hours * HOUR_MS });
    const store = await storeOf(Array.from({ length: 72 }, (_, hours) => at(hours)));
    const counted = (from: number, to: number) =>
      ask(store, { sinceMs: START_MS + from * HOUR_MS, untilMs: START_MS + to * HOUR_MS });
    expect(counted(0, 72).total?.calls).toBe(72);
    expect(counted(1, 2).total?.calls).toBe(1);
    expect(counted(1.5, 1.6)).toMatchObject({
      total: { calls: 1 },
      fromMs: START_MS + HOUR_MS,
      toMs: START_MS + 2 * HOUR_MS,
    });
    expect(counted(3, 70).total?.calls).toBe(67);
    expect(ask(store, { by: ["hour"], order: "group", untilMs: START_MS + 1 }).lines).toMatchObject([
      { group: ["2026-11-01T12:00:00Z"], calls: 1 },
    ]);
    store.close();
  });

  test("sums money beyond what a number holds exactly", async () => {
    const large = nanoDollars(Number.MAX_SAFE_INTEGER);
    const rows = [0, 1, 2].map((number) =>
      row(number, { cost_nanodollars: large, started_at_ms: START_MS + number * DAY_MS }),
    );
    const store = await storeOf(rows);
    expect(ask(store).total?.cost).toBe(3n * BigInt(Number.MAX_SAFE_INTEGER));
    store.close();
  });

  test("counts refused requests, but not those answered without a call", async () => {
    const store = await openDatabaseInMemory();
    const writer = new BatchWriter(store);
    const refused = (number: number, changes: object) =>
      requestRow(request(number, { endUser: "ann" }), finish(number, { attempts: 0, ...changes }));
    writer.write(
      {
        ...EMPTY_BATCH,
        finishedRequests: [
          refused(1, { outcome: "blocked", status: 429, errorCode: "rate_limited" }),
          refused(2, { outcome: "ok" }),
        ],
      },
      { segment: 1, offset: 1 },
    );
    expect(ask(store, { by: ["project", "provider", "error"] }).lines).toMatchObject([
      { group: ["shop", "", "rate_limited"], calls: 0, refused: 1, errorsByClass: { rate_limited: 1 } },
    ]);
    expect(ask(store, { by: ["end_user"] }).lines).toMatchObject([{ group: ["ann"], refused: 1 }]);
    writer.close();
    store.close();
  });

  test("pages hold every line once, in order", async () => {
    const rows = Array.from({ length: 25 }, (_, number) =>
      row(number, { model: `m${number}`, cost_nanodollars: (number * 7) % 5 }),
    );
    const store = await storeOf(rows);
    for (const order of ["cost", "group"] as const) {
      const whole = ask(store, { by: ["model"], order }).lines;
      const paged: UsageLine[] = [];
      for (let after: UsageQuery["page"] extends infer P ? P : never = { limit: 4 }; after !== undefined; ) {
        const { lines, next }: ReturnType<typeof ask> = ask(store, { by: ["model"], order, page: after });
        paged.push(...lines);
        after = next === undefined ? undefined : { limit: 4, after: next };
      }
      expect(paged).toEqual([...whole]);
    }
    store.close();
  });
});

interface Step {
  readonly batch: number;
  readonly isSplit: boolean;
  readonly row: Partial<AttemptRow>;
}

const anyRow = fc.record({
  project: fc.constantFrom("shop", "lab"),
  key_id: fc.constantFrom("key-1", "key-2"),
  provider: fc.constantFrom("acme", "other"),
  model: fc.constantFrom("large", "small"),
  operation: fc.constantFrom("chat", "embedding"),
  outcome: fc.constantFrom("ok", "ok", "ok", "failed", "cancelled"),
  error_class: fc.constantFrom(null, "server"),
  tags: fc.constantFrom(null, '{"team":"a"}', '{"team":"b"}'),
  end_user: fc.constantFrom(null, "ann", "bob"),
  started_at_ms: fc.integer({ min: START_MS, max: START_MS + 4 * DAY_MS }),
  cost_nanodollars: fc.option(fc.nat(10_000_000)),
  cache_savings_nanodollars: fc.option(fc.nat(1_000)),
  input_tokens: fc.nat(5_000),
  output_tokens: fc.nat(5_000),
  total_ms: fc.nat(60_000),
  first_token_ms: fc.option(fc.nat(5_000)),
});
const anySteps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({ batch: fc.nat(5), isSplit: fc.boolean(), row: anyRow }),
  { minLength: 1, maxLength: 60 },
);
const anyBy: fc.Arbitrary<UsageGrouping[]> = fc.constantFrom<UsageGrouping[]>(
  [],
  ["project", "key", "day"],
  ["provider", "hour"],
  ["target", "outcome", "error"],
  ["tag:team", "operation", "model"],
  ["day", "tag:team"],
);

/** What a grouping's value is, by the row. */
function valueIn(row: AttemptRow, grouping: UsageGrouping): string {
  const at = new Date(row.started_at_ms).toISOString();
  if (grouping === "day") return at.slice(0, 10);
  if (grouping === "hour") return `${at.slice(0, 13)}:00:00Z`;
  if (grouping === "target") return `${row.provider}/${row.model}`;
  if (grouping === "key") return row.key_id;
  if (grouping === "error") return row.error_class ?? "";
  if (grouping === "tag:team") return row.tags === null ? "" : JSON.parse(row.tags).team;
  return String(row[grouping as "project"]);
}

function sums(rows: readonly AttemptRow[]) {
  const of = (value: (row: AttemptRow) => number | null) =>
    rows.reduce((sum, row) => sum + (value(row) ?? 0), 0);
  const good = rows.filter(({ outcome }) => outcome === "ok");
  return {
    calls: rows.length,
    errors: rows.filter(({ outcome }) => outcome === "failed").length,
    cost: BigInt(of(({ cost_nanodollars }) => cost_nanodollars)),
    cacheSavings: BigInt(of(({ cache_savings_nanodollars }) => cache_savings_nanodollars)),
    unpriced: rows.filter(({ cost_nanodollars }) => cost_nanodollars === null).length,
    inputTokens: of(({ input_tokens }) => input_tokens),
    outputTokens: of(({ output_tokens }) => output_tokens),
    p95: nearestRank(
      good.map(({ total_ms }) => total_ms ?? 0),
      95,
    ),
    firstP50: nearestRank(
      good.flatMap(({ first_token_ms }) => first_token_ms ?? []),
      50,
    ),
  };
}

function nearestRank(values: readonly number[], percent: number): number | undefined {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.ceil((percent * sorted.length) / 100) - 1];
}

function closingOf(whole: AttemptRow): AttemptClosingRow {
  return whole;
}

describe("rollups are the sums of the rows", () => {
  test("whatever the batches, however often written or rolled back, grouped in any way", async () => {
    await fc.assert(
      fc.asyncProperty(anySteps, anyBy, fc.boolean(), async (steps, by, fails) => {
        const store = await openDatabaseInMemory();
        const writer = new BatchWriter(store);
        const rows = steps.map((step, number) => row(number, step.row));
        for (let batch = 0; batch <= 6; batch++) {
          const own = rows.filter((_, index) => steps[index]?.batch === batch);
          const split = (one: AttemptRow) => steps[rows.indexOf(one)]?.isSplit === true;
          const opened = own
            .filter(split)
            .map((one) => ({ ...row(0, { outcome: null }), ...openingOf(one) }));
          const ended = rows.filter((one, index) => split(one) && steps[index]?.batch === batch - 1);
          const content = {
            ...EMPTY_BATCH,
            openedAttempts: opened,
            closedAttempts: own.filter((one) => !split(one)),
            attemptClosings: ended.map(closingOf),
          };
          const place = { segment: 1, offset: batch };
          if (fails) {
            const refuse = () => {
              throw new Error("the store went away");
            };
            expect(() => writer.write(content, place, refuse)).toThrow("the store went away");
          }
          writer.write(content, place);
          writer.write(content, place);
        }
        const groups = Map.groupBy(rows, (one) => by.map((name) => valueIn(one, name)).join("\0"));
        const { lines } = ask(store, { by, sinceMs: START_MS, untilMs: START_MS + 5 * DAY_MS });
        expect(lines.length).toBe(groups.size);
        for (const line of lines) {
          const { p95, firstP50, inputTokens, outputTokens, ...exact } = sums(
            groups.get(line.group.join("\0")) ?? [],
          );
          expect(line).toMatchObject({ ...exact, tokens: { inputTokens, outputTokens } });
          expectNear(line.totalMs.p95, p95);
          expectNear(line.firstTokenMs.p50, firstP50);
        }
        writer.close();
        store.close();
      }),
      { numRuns: 60 },
    );
  });

  test("by end user, too, and beyond the bound the rest together", async () => {
    const rows = Array.from({ length: 10_050 }, (_, number) => row(number, { end_user: `user-${number}` }));
    const store = await storeOf(rows);
    const { lines, total } = ask(store, { by: ["end_user"], order: "group" });
    expect(lines.length).toBe(10_001);
    expect(lines[0]).toMatchObject({ group: ["(others)"], calls: 50 });
    expect(total?.calls).toBe(10_050);
    store.close();
  });
});

const anyQuestion = fc.record({
  by: fc.oneof(
    anyBy,
    fc.constantFrom<UsageGrouping[]>(
      ["end_user"],
      ["day", "end_user"],
      ["end_user", "model", "day"],
      ["hour", "day"],
      ["model", "hour"],
      ["model", "day"],
    ),
  ),
  order: fc.constantFrom<UsageQuery["order"][]>("cost", "group"),
  filters: fc.constantFrom<Partial<UsageQuery>[]>(
    {},
    { project: "lab" },
    { key: "key-1" },
    { model: "m7" },
    { endUser: "ann" },
    { tag: { name: "team", value: "a" } },
    { sinceMs: START_MS + 7.5 * HOUR_MS },
    { sinceMs: START_MS + 30 * HOUR_MS, untilMs: START_MS + 80.2 * HOUR_MS },
  ),
  limit: fc.integer({ min: 1, max: 40 }),
});

describe("any page of any question", () => {
  test("says of its lines what the whole says, and the same of all together", async () => {
    const rows = fc.sample(anyRow, { numRuns: 600, seed: 7 }).map((changes, number) =>
      // Enough series that not all are looked up one by one.
      row(number, {
        ...changes,
        model: `m${number % 20}`,
        end_user: number % 3 === 0 ? "ann" : changes.end_user,
      }),
    );
    const store = await storeOf(rows);
    fc.assert(
      fc.property(anyQuestion, ({ by, order, filters, limit }) => {
        const isOfEndUsers = by.includes("end_user") || filters.endUser !== undefined;
        if (by.includes("hour") && isOfEndUsers) return;
        const question = { by, order, ...filters };
        const whole = ask(store, question);
        const counted = whole.lines.reduce((sum, { calls }) => sum + calls, 0);
        expect(whole.total?.calls ?? 0).toBe(counted);
        let after: UsageQuery["page"] extends infer Page ? Page : never = { limit };
        const paged: UsageLine[] = [];
        for (let pages = 0; after !== undefined; pages++) {
          const { lines, next, total }: ReturnType<typeof ask> = ask(store, { ...question, page: after });
          expect(lines.length).toBeLessThanOrEqual(limit);
          expect(total).toEqual(whole.total);
          paged.push(...lines);
          after = next === undefined || pages === 2 ? undefined : { limit, after: next };
        }
        expect(paged).toEqual(whole.lines.slice(0, paged.length));
      }),
      { numRuns: 60 },
    );
    store.close();
  });
});

function openingOf(whole: AttemptRow): Partial<AttemptRow> {
  const { id, project, key_id, provider, model, operation, tags, end_user, started_at_ms } = whole;
  return { id, project, key_id, provider, model, operation, tags, end_user, started_at_ms };
}

function expectNear(told: number | undefined, exact: number | undefined): void {
  if (exact === undefined) expect(told).toBeUndefined();
  else expect(Math.abs((told ?? Number.NaN) - exact)).toBeLessThanOrEqual(exact * SKETCH_ACCURACY + 0.51);
}
