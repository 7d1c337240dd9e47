import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Caller, nonEmptyText } from "../../src/model/caller.ts";
import { nanoDollars } from "../../src/model/money.ts";
import type { BudgetWindow, ScopedPolicy } from "../../src/model/policy.ts";
import type { BudgetHold } from "../../src/policy/budgets/budget-hold.ts";
import { calendarSpan } from "../../src/policy/budgets/budget-window.ts";
import { Budgets } from "../../src/policy/budgets/budgets.ts";
import type { SpendHistory } from "../../src/policy/budgets/spend-history.ts";
import type { SpendingOrder } from "../../src/storage/rollups/spending-order.ts";

/**
 * Money as a whole, against a model that is a plain list of rows: several callers under shared budgets, calls of all
 * ends interleaved, clocks that change, leap days, and processes that are killed and begin again with the ledger's rows.
 */

const LIMIT = 100;
const HOUR_MS = 3_600_000;

/** A row of the ledger: what a call cost, and by whom it was made. */
interface Row {
  readonly owners: ReadonlySet<string>;
  readonly startedAtMs: number;
  readonly cost: number;
}

/** A call in flight. */
interface OpenCall {
  readonly owners: ReadonlySet<string>;
  readonly admittedAtMs: number;
  readonly hold: BudgetHold;
  reserved: number;
}

const name = (scope: ScopedPolicy["scope"], id: string) => `${scope} ${id}`;

function scoped(scope: ScopedPolicy["scope"], id: string, ...windows: readonly BudgetWindow[]): ScopedPolicy {
  const budgets = windows.map((window, index) => ({
    name: `b${index}`,
    amount: nanoDollars(scope === "project" ? 2 * LIMIT : LIMIT),
    window,
    alertPercents: [],
  }));
  return { scope, id, policy: { budgets } };
}

const PROJECT = scoped(
  "project",
  "p",
  { kind: "calendar", per: "month", timeZone: "Asia/Kolkata" },
  { kind: "calendar", per: "week", timeZone: "Europe/Berlin" },
);
const KEY_A = scoped(
  "key",
  "a",
  { kind: "calendar", per: "day", timeZone: "America/New_York" },
  { kind: "rolling", lengthMs: 60 * HOUR_MS },
);
const KEY_B = scoped("key", "b", { kind: "rolling", lengthMs: 6 * HOUR_MS });
const TOKEN = scoped("token", "t", { kind: "total" });
const ALL: readonly ScopedPolicy[] = [PROJECT, KEY_A, KEY_B, TOKEN];

const CALLERS: readonly Caller[] = [
  [PROJECT, KEY_A],
  [PROJECT, KEY_B],
  [PROJECT, KEY_B, TOKEN],
].map((policies) => ({ project: nonEmptyText("p"), keyId: nonEmptyText("k"), keyName: "k", policies }));

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("reserve" as const),
      caller: fc.nat(CALLERS.length - 1),
      amount: fc.integer({ min: 0, max: 60 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("extend" as const),
      which: fc.nat(6),
      amount: fc.integer({ min: 0, max: 40 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("settle" as const),
      which: fc.nat(6),
      share: fc.integer({ min: 0, max: 100 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("void" as const), which: fc.nat(6) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 40_000_000 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("kill" as const), share: fc.integer({ min: 0, max: 100 }) }),
  },
);

/** The world: one process at a time, and the rows that outlive it. */
class World {
  readonly rows: Row[] = [];
  readonly open: OpenCall[] = [];
  nowMs: number;
  budgets: Budgets;

  constructor(startMs: number) {
    this.nowMs = startMs;
    this.budgets = this.#begin();
  }

  async reserve(index: number, amount: number): Promise<void> {
    const caller = CALLERS[index];
    if (caller === undefined) return;
    await this.budgets.ready(caller);
    const before = await this.#states();
    try {
      const hold = this.budgets.reserve(caller, nanoDollars(amount), this.nowMs);
      const owners = new Set(caller.policies.map(({ scope, id }) => name(scope, id)));
      this.open.push({ owners, admittedAtMs: this.nowMs, hold, reserved: amount });
    } catch (refused) {
      expect(refused).toMatchObject({ code: "budget_exhausted" });
      // From all of them or from none.
      expect(await this.#states()).toEqual(before);
    }
  }

  extend(which: number, amount: number): void {
    const call = this.open[which];
    if (call?.hold.extend(nanoDollars(amount), this.nowMs) === true) call.reserved += amount;
  }

  /** The row first, as the gateway does; and a second end changes nothing. */
  settle(which: number, share: number): void {
    const [call] = this.open.splice(which, 1);
    if (call === undefined) return;
    const cost = this.#write(call, share);
    call.hold.settle(nanoDollars(cost));
    call.hold.settle(nanoDollars(cost));
    call.hold.void();
  }

  void(which: number): void {
    const [call] = this.open.splice(which, 1);
    call?.hold.void();
    call?.hold.void();
  }

  /** What was in flight is found open by the next process, and charged as interrupted: no more than was set aside. */
  kill(share: number): void {
    for (const call of this.open.splice(0)) this.#write(call, share);
    this.budgets = this.#begin();
  }

  async expectKept(): Promise<void> {
    for (const state of await this.#states()) {
      const { scope, id, budget, spent, reserved } = state;
      const own = name(scope, id);
      expect(spent).toBeGreaterThanOrEqual(0n);
      expect(reserved).toBeGreaterThanOrEqual(0n);
      expect(spent + reserved).toBeLessThanOrEqual(BigInt(budget.amount));
      const rows = this.rows.filter(({ owners }) => owners.has(own));
      const counting = (sinceMs: number) =>
        BigInt(
          rows.filter(({ startedAtMs }) => startedAtMs >= sinceMs).reduce((sum, { cost }) => sum + cost, 0),
        );
      const { window } = budget;
      if (window.kind === "rolling") {
        // A stretch is let go a 1024th of the window late, of a long one an hour.
        const stretchMs = window.lengthMs > 48 * HOUR_MS ? HOUR_MS : window.lengthMs / 1024;
        const sinceMs = this.nowMs - window.lengthMs;
        expect(spent).toBeGreaterThanOrEqual(counting(sinceMs + 1));
        expect(spent).toBeLessThanOrEqual(counting(sinceMs - stretchMs));
        continue;
      }
      const sinceMs = window.kind === "total" ? 0 : calendarSpan(window, this.nowMs).startMs;
      expect(spent).toBe(counting(sinceMs));
      const held = this.open.filter((call) => call.owners.has(own) && call.admittedAtMs >= sinceMs);
      expect(reserved).toBe(BigInt(held.reduce((sum, call) => sum + call.reserved, 0)));
    }
  }

  #states() {
    return this.budgets.read(ALL, this.nowMs);
  }

  #write({ owners, admittedAtMs, reserved }: OpenCall, share: number): number {
    const cost = Math.floor((reserved * share) / 100);
    this.rows.push({ owners, startedAtMs: admittedAtMs, cost });
    return cost;
  }

  #begin(): Budgets {
    const history: SpendHistory = { spentSince: async (order) => this.#spentSince(order) };
    return new Budgets(
      history,
      () => {},
      () => this.nowMs,
    );
  }

  /** As the ledger's tables add rows up. */
  #spentSince({ scope, id, sinceMs, stretchMs }: SpendingOrder) {
    const sums = new Map<number, number>();
    for (const { owners, startedAtMs, cost } of this.rows) {
      if (!owners.has(name(scope, id)) || startedAtMs < sinceMs) continue;
      const stretch = stretchMs === undefined ? sinceMs : Math.floor(startedAtMs / stretchMs) * stretchMs;
      sums.set(stretch, (sums.get(stretch) ?? 0) + cost);
    }
    return [...sums].map(([atMs, spent]) => ({ atMs, spent: nanoDollars(spent) }));
  }
}

/** Shortly before clocks change, forth and back, before a leap day, and before a year ends. */
const STARTS = [
  "2026-03-07T20:00:00Z",
  "2026-03-28T20:00:00Z",
  "2026-10-24T20:00:00Z",
  "2026-10-31T20:00:00Z",
  "2028-02-28T20:00:00Z",
  "2026-12-31T12:00:00Z",
].map((moment) => Date.parse(moment));

describe("all budgets together", () => {
  test("spent and reserved stay within every limit and are the sum of the rows, whatever comes in between", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.constantFrom(...STARTS),
        async (steps, startMs) => {
          const world = new World(startMs);
          for (const action of steps) {
            switch (action.kind) {
              case "reserve":
                await world.reserve(action.caller, action.amount);
                break;
              case "extend":
                world.extend(action.which, action.amount);
                break;
              case "settle":
                world.settle(action.which, action.share);
                break;
              case "void":
                world.void(action.which);
                break;
              case "wait":
                world.nowMs += action.ms;
                break;
              case "kill":
                world.kill(action.share);
                break;
            }
            await world.expectKept();
          }
          while (world.open.length > 0) world.void(0);
          for (const { reserved } of await world.budgets.read(ALL, world.nowMs)) expect(reserved).toBe(0n);
        },
      ),
      { numRuns: 150 },
    );
  });
});
