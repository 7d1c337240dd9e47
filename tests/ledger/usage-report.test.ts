import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Kysely } from "kysely";
import { attemptRow } from "../../src/ledger/ledger-rows.ts";
import { usageReport } from "../../src/ledger/usage-report.ts";
import { nanoDollars } from "../../src/model/money.ts";
import { openSqliteInMemory } from "../../src/storage/open-sqlite.ts";
import type { AttemptRow, Tables } from "../../src/storage/schema.ts";
import { projectRow, virtualKeyRow } from "../storage/rows.ts";
import { attempt, closing, request, START_MS } from "./samples.ts";

const DAY_MS = 86_400_000;

async function storeOf(rows: readonly AttemptRow[]): Promise<Kysely<Tables>> {
  const store = await openSqliteInMemory();
  for (const row of rows) await store.insertInto("attempts").values(row).execute();
  return store;
}

function row(number: number, changes: Partial<AttemptRow> = {}): AttemptRow {
  return { ...attemptRow(request(number), attempt(number), closing(number)), ...changes };
}

describe("the usage report", () => {
  test("groups, counts and sums", async () => {
    const store = await storeOf([
      row(1),
      row(2, { outcome: "failed", cost_nanodollars: 0, cached_input_tokens: 60 }),
      row(3, { outcome: "interrupted", cost_nanodollars: null }),
      row(4, { provider: "other", started_at_ms: START_MS + DAY_MS }),
      row(5, { outcome: null }),
    ]);
    await store.insertInto("projects").values(projectRow("shop")).execute();
    await store
      .insertInto("virtual_keys")
      .values(virtualKeyRow({ id: "key-1" }))
      .execute();
    const { lines, total } = await usageReport(store, { by: ["provider", "key", "day"] });
    expect(lines).toMatchObject([
      {
        group: { provider: "acme", key: "website", day: "2026-11-01" },
        calls: 3,
        errors: 2,
        inputTokens: 300,
        cachedInputTokens: 60,
        outputTokens: 30,
        cost: 280_000n,
        unpriced: 1,
        totalMs: { p50: 50, p95: 50 },
      },
      {
        group: { provider: "other", key: "website", day: "2026-11-02" },
        calls: 1,
        errors: 0,
        cost: 280_000n,
      },
    ]);
    expect(total).toMatchObject({ group: {}, calls: 4, errors: 2, cost: 560_000n, unpriced: 1 });
    await store.destroy();
  });

  test("looks only at what was asked for; an end moment is not included", async () => {
    const store = await storeOf([
      row(0),
      row(1, { started_at_ms: START_MS + 1000 }),
      row(2, { started_at_ms: START_MS + 2000, project: "lab" }),
      row(3, { started_at_ms: START_MS + 3000, provider: "other" }),
    ]);
    const calls = async (query: object) => (await usageReport(store, { by: [], ...query })).total?.calls ?? 0;
    expect(await calls({ sinceMs: START_MS + 1000 })).toBe(3);
    expect(await calls({ sinceMs: START_MS + 1000, untilMs: START_MS + 3000 })).toBe(2);
    expect(await calls({ project: "lab" })).toBe(1);
    expect(await calls({ provider: "other" })).toBe(1);
    expect(await usageReport(store, { by: ["model"], project: "none" })).toEqual({
      lines: [],
      total: undefined,
    });
    await store.destroy();
  });

  test("sums money beyond what a number holds exactly", async () => {
    const large = nanoDollars(Number.MAX_SAFE_INTEGER);
    const store = await storeOf([0, 1, 2].map((number) => row(number, { cost_nanodollars: large })));
    expect((await usageReport(store, { by: [] })).total?.cost).toBe(3n * BigInt(Number.MAX_SAFE_INTEGER));
    await store.destroy();
  });

  test("percentiles are nearest ranks over the calls that went well", async () => {
    const duration = fc.record({
      total_ms: fc.integer({ min: 0, max: 50 }),
      first_token_ms: fc.option(fc.integer({ min: 0, max: 50 })),
      outcome: fc.constantFrom("ok", "ok", "ok", "failed"),
      model: fc.constantFrom("a", "b"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(duration, { minLength: 1, maxLength: 60 }), async (durations) => {
        const store = await storeOf(durations.map((changes, number) => row(number, changes)));
        const { lines } = await usageReport(store, { by: ["model"] });
        for (const { group, totalMs, firstTokenMs } of lines) {
          const good = durations.filter(({ model, outcome }) => model === group.model && outcome === "ok");
          const totals = good.map((one) => one.total_ms);
          const firsts = good.flatMap((one) => one.first_token_ms ?? []);
          expect(totalMs).toEqual({ p50: nearestRank(totals, 50), p95: nearestRank(totals, 95) });
          expect(firstTokenMs).toEqual({ p50: nearestRank(firsts, 50), p95: nearestRank(firsts, 95) });
        }
        await store.destroy();
      }),
      { numRuns: 40 },
    );
  });
});

function nearestRank(values: readonly number[], percent: number): number | undefined {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.ceil((percent * sorted.length) / 100) - 1];
}
