import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Caller, nonEmptyText } from "../../src/model/caller.ts";
import { GatewayError } from "../../src/model/gateway-error.ts";
import { nanoDollars } from "../../src/model/money.ts";
import type { BudgetWindow, ScopedPolicy } from "../../src/model/policy.ts";
import { BudgetAccount, type Reservation } from "../../src/policy/budgets/budget-account.ts";
import { calendarSpan } from "../../src/policy/budgets/budget-window.ts";
import { Budgets } from "../../src/policy/budgets/budgets.ts";
import { OutputForecast } from "../../src/policy/budgets/output-forecast.ts";
import type { SpendHistory, Spending } from "../../src/policy/budgets/spend-history.ts";

const at = (moment: string): number => Date.parse(moment);
const budget = (amount: number, window: BudgetWindow) => ({
  name: "main",
  amount: nanoDollars(amount),
  window,
  alertPercents: [],
});

describe("calendar windows", () => {
  test.each([
    ["day", "Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"],
    ["day", "Europe/Berlin", "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"],
    ["day", "America/Sao_Paulo", "2018-11-04T12:00:00Z", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"],
    ["week", "Asia/Kolkata", "2026-11-24T12:00:00Z", "2026-11-22T18:30:00Z", "2026-11-29T18:30:00Z"],
    ["week", "UTC", "2026-11-22T23:59:59Z", "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z"],
    ["month", "UTC", "2028-02-29T12:00:00Z", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"],
    ["month", "Pacific/Auckland", "2026-12-31T12:00:00Z", "2026-12-31T11:00:00Z", "2027-01-31T11:00:00Z"],
  ] as const)("a %s in %s around %s", (per, timeZone, moment, start, end) => {
    const span = calendarSpan({ kind: "calendar", per, timeZone }, at(moment));
    expect([span.startMs, span.endMs]).toEqual([at(start), at(end)]);
  });
});

/** What a budget must do, said as simply as can be. */
interface Modelled {
  readonly admittedAtMs: number;
  reserved: number;
  spent: number;
}

const windows: readonly BudgetWindow[] = [
  { kind: "total" },
  { kind: "rolling", lengthMs: 3_600_000 },
  { kind: "rolling", lengthMs: 50 * 3_600_000 },
  { kind: "calendar", per: "day", timeZone: "America/New_York" },
  { kind: "calendar", per: "week", timeZone: "Europe/Berlin" },
  { kind: "calendar", per: "month", timeZone: "Asia/Kolkata" },
];

const step = fc.oneof(
  fc.record({ kind: fc.constant("reserve" as const), amount: fc.integer({ min: 0, max: 60 }) }),
  fc.record({
    kind: fc.constant("extend" as const),
    which: fc.nat(5),
    amount: fc.integer({ min: 0, max: 40 }),
  }),
  fc.record({
    kind: fc.constant("settle" as const),
    which: fc.nat(5),
    share: fc.integer({ min: 0, max: 100 }),
  }),
  fc.record({ kind: fc.constant("void" as const), which: fc.nat(5) }),
  fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 40_000_000 }) }),
);

describe("a budget", () => {
  test.each(windows.map((window) => [JSON.stringify(window), window] as const))("%s", (_name, window) => {
    // Beginning shortly before a change of clocks, with a leap day in reach.
    const starts = ["2026-10-24T20:00:00Z", "2026-03-07T20:00:00Z", "2028-02-28T20:00:00Z"].map(at);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.constantFrom(...starts), (steps, startMs) => {
        const account = new BudgetAccount(budget(100, window), () => {});
        const open: { readonly reservation: Reservation; readonly model: Modelled }[] = [];
        const all: Modelled[] = [];
        let nowMs = startMs;
        for (const action of steps) {
          switch (action.kind) {
            case "reserve": {
              const reservation = account.reserve(nanoDollars(action.amount), nowMs);
              if (reservation === undefined) break;
              const model = { admittedAtMs: nowMs, reserved: action.amount, spent: 0 };
              open.push({ reservation, model });
              all.push(model);
              break;
            }
            case "extend": {
              const one = open[action.which];
              if (one?.reservation.extend(nanoDollars(action.amount), nowMs))
                one.model.reserved += action.amount;
              break;
            }
            case "settle": {
              const one = open[action.which];
              if (one === undefined) break;
              const cost = Math.floor((one.model.reserved * action.share) / 100);
              one.reservation.settle(nanoDollars(cost));
              one.reservation.settle(nanoDollars(cost));
              one.reservation.void();
              Object.assign(one.model, { reserved: 0, spent: cost });
              open.splice(action.which, 1);
              break;
            }
            case "void": {
              const one = open[action.which];
              if (one === undefined) break;
              one.reservation.void();
              one.reservation.void();
              one.model.reserved = 0;
              open.splice(action.which, 1);
              break;
            }
            case "wait":
              nowMs += action.ms;
              break;
          }
          expectKept(account, all, window, nowMs);
        }
        for (const { reservation, model } of open) {
          reservation.void();
          model.reserved = 0;
        }
        expect(account.state(nowMs).reserved).toBe(nanoDollars(0));
      }),
      { numRuns: 200 },
    );
  });
});

/** Spent and reserved are never negative, together never above the limit, and what is spent is the sum of its rows. */
function expectKept(
  account: BudgetAccount,
  all: readonly Modelled[],
  window: BudgetWindow,
  nowMs: number,
): void {
  const { spent, reserved, limit } = account.state(nowMs);
  expect(spent).toBeGreaterThanOrEqual(0);
  expect(reserved).toBeGreaterThanOrEqual(0);
  expect(spent + reserved).toBeLessThanOrEqual(limit);
  const counting = all.filter(({ admittedAtMs }) => {
    if (window.kind === "total") return true;
    if (window.kind === "calendar") return admittedAtMs >= calendarSpan(window, nowMs).startMs;
    return admittedAtMs > nowMs - window.lengthMs;
  });
  const sum = counting.reduce((total, one) => total + one.spent, 0);
  if (window.kind !== "rolling") {
    expect(spent).toBe(nanoDollars(sum));
    return;
  }
  // A rolling window lets go a stretch later than the moment itself.
  expect(spent).toBeGreaterThanOrEqual(sum);
  const late = all.filter(
    ({ admittedAtMs }) => admittedAtMs > nowMs - window.lengthMs - (account.stretchMs ?? 0),
  );
  expect(spent).toBeLessThanOrEqual(late.reduce((total, one) => total + one.spent, 0));
}

const history = (spending: readonly Spending[]): SpendHistory => ({ spentSince: async () => spending });

function callerOf(...policies: readonly ScopedPolicy[]): Caller {
  return { project: nonEmptyText("p"), keyId: nonEmptyText("k"), keyName: "k", policies };
}

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (thrown) {
    return thrown;
  }
}

const scoped = (scope: ScopedPolicy["scope"], amount: number): ScopedPolicy => ({
  scope,
  id: scope,
  policy: { budgets: [budget(amount, { kind: "total" })] },
});

describe("all budgets over a caller", () => {
  test("are taken from together or not at all", async () => {
    const budgets = new Budgets(history([]), () => {});
    const caller = callerOf(scoped("project", 100), scoped("key", 60));
    await budgets.ready(caller);
    const first = budgets.reserve(caller, nanoDollars(50), 0);
    const refused = thrownBy(() => budgets.reserve(caller, nanoDollars(20), 0));
    if (!(refused instanceof GatewayError)) throw new Error("was not refused");
    expect([refused.code, refused.message]).toEqual([
      "budget_exhausted",
      'The budget "main" of key "key" does not cover this call (0.00000002 dollars at least): ' +
        "0 of 0.00000006 dollars spent, 0.00000005 set aside for calls in flight, 0.00000001 left.",
    ]);
    expect(budgets.left(callerOf(scoped("project", 100)), 0)).toBe(nanoDollars(50));
    expect(first.extend(nanoDollars(11), 0)).toBe(false);
    expect(budgets.left(callerOf(scoped("project", 100)), 0)).toBe(nanoDollars(50));
    expect(first.extend(nanoDollars(10), 0)).toBe(true);
    first.settle(nanoDollars(45));
    expect(budgets.left(caller, 0)).toBe(nanoDollars(15));
  });

  test("begin with what the ledger's rows say, and are begun once", async () => {
    let asked = 0;
    const rows: SpendHistory = {
      spentSince: async () => {
        asked++;
        return [{ atMs: 1, spent: nanoDollars(70) }];
      },
    };
    const budgets = new Budgets(rows, () => {});
    const caller = callerOf(scoped("project", 100));
    const outcomes = await Promise.allSettled(
      Array.from({ length: 5 }, async () => {
        await budgets.ready(caller);
        return budgets.reserve(caller, nanoDollars(10), 0);
      }),
    );
    expect(outcomes.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "fulfilled",
      "rejected",
      "rejected",
    ]);
    expect(asked).toBe(1);
  });

  test("count an attempt that ends while they are begun exactly once", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const left: ReadonlySet<string>[] = [];
    const rows: SpendHistory = {
      spentSince: async ({ leftOut }) => {
        await promise;
        left.push(new Set(leftOut()));
        return [];
      },
    };
    const budgets = new Budgets(rows, () => {});
    const caller = callerOf(scoped("project", 100));
    const pending = budgets.ready(caller);
    budgets.charge(caller, { attemptId: "att_1", startedAtMs: 0, cost: nanoDollars(30) }, undefined);
    resolve();
    await pending;
    expect(budgets.left(caller, 0)).toBe(nanoDollars(70));
    expect(left).toEqual([new Set(["att_1"])]);
  });

  test("are refused while the store is down, and heal", async () => {
    let isDown = true;
    const rows: SpendHistory = {
      spentSince: async () => {
        if (isDown) throw new Error("disk I/O error");
        return [];
      },
    };
    const budgets = new Budgets(rows, () => {});
    const caller = callerOf(scoped("project", 100));
    const refused = await budgets.ready(caller)?.catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({ code: "store_unavailable", status: 503 });
    isDown = false;
    await budgets.ready(caller);
    expect(budgets.reserve(caller, nanoDollars(1), 0).amount).toBe(nanoDollars(1));
  });
});

test("the usual length of answers is learnt, and forgotten when it changes", () => {
  const forecast = new OutputForecast();
  for (let answer = 0; answer < 9; answer++) forecast.observe("k", "m", 500, 0);
  expect(forecast.usual("k", "m")).toBeUndefined();
  for (let answer = 0; answer < 100; answer++) forecast.observe("k", "m", 500, 0);
  const usual = forecast.usual("k", "m") ?? 0;
  expect(usual).toBeGreaterThanOrEqual(500);
  expect(usual).toBeLessThanOrEqual(600);
  for (let answer = 0; answer < 20_000; answer++) forecast.observe("k", "m", 20, 0);
  expect(forecast.usual("k", "m")).toBeLessThanOrEqual(24);
  expect(forecast.usual("k", "other")).toBeUndefined();
});
