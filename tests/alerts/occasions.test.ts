import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { Kysely } from "kysely";
import { AlertOutbox } from "../../src/alerts/alert-outbox.ts";
import { BudgetAlerts } from "../../src/alerts/budget-alerts.ts";
import { nanoDollars } from "../../src/model/money.ts";
import type { BudgetWindow, ScopedPolicy } from "../../src/model/policy.ts";
import { BudgetAccount } from "../../src/policy/budgets/budget-account.ts";
import { openSqliteInMemory } from "../../src/storage/open-sqlite.ts";
import type { Tables } from "../../src/storage/schema.ts";

/** When the same share is told again, by a clock of the test's own. */

const HOUR_MS = 3_600_000;
const NOON = Date.parse("2028-02-29T12:00:00Z");

let store: Kysely<Tables>;
let nowMs: number;
let told: number[];

beforeEach(async () => {
  store = await openSqliteInMemory();
  nowMs = NOON;
  told = [];
});
afterEach(() => store.destroy());

function account(window: BudgetWindow): BudgetAccount {
  const budget = { name: "b", amount: nanoDollars(100), window, alertPercents: [80, 50, 100] };
  return new BudgetAccount(budget, () => {});
}

/** A process that watches: what it remembers ends with it. */
function watch(): BudgetAlerts {
  return new BudgetAlerts({
    outbox: new AlertOutbox(store),
    nowMs: () => nowMs,
    isSent: () => false,
    onAlert: (_id, body) => told.push((body as { data: { percent: number } }).data.percent),
    onFailure: (error) => {
      throw error;
    },
  });
}

const scoped: ScopedPolicy = { scope: "project", id: "p", policy: {} };

/** Spends at the moment, and looks at it with a watch of its own. */
async function spend(budget: BudgetAccount, amount: number): Promise<number[]> {
  told = [];
  budget.charge(nanoDollars(amount), nowMs);
  const alerts = watch();
  alerts.noteSpent({ scoped, account: budget });
  await alerts.stop();
  return told;
}

describe("a share is told once", () => {
  test("of a total budget: for ever, whatever process looks", async () => {
    const budget = account({ kind: "total" });
    expect(await spend(budget, 49)).toEqual([]);
    expect(await spend(budget, 1)).toEqual([50]);
    expect(await spend(budget, 1)).toEqual([]);
    expect(await spend(budget, 49)).toEqual([80, 100]);
    nowMs += 1000 * 24 * HOUR_MS;
    await new AlertOutbox(store).forgetOld(nowMs);
    expect(await spend(budget, 1)).toEqual([]);
  });

  test("of a calendar window: again in the next", async () => {
    const budget = account({ kind: "calendar", per: "day", timeZone: "UTC" });
    expect(await spend(budget, 60)).toEqual([50]);
    nowMs += 12 * HOUR_MS - 1;
    expect(await spend(budget, 1)).toEqual([]);
    nowMs += 1;
    expect(await spend(budget, 49)).toEqual([]);
    expect(await spend(budget, 1)).toEqual([50]);
  });

  test("of a rolling window: again when its length is over", async () => {
    const budget = account({ kind: "rolling", lengthMs: HOUR_MS });
    expect(await spend(budget, 60)).toEqual([50]);
    nowMs += HOUR_MS - 60_000;
    expect(await spend(budget, 10)).toEqual([]);
    nowMs += 2 * HOUR_MS;
    expect(await spend(budget, 10)).toEqual([]);
    expect(await spend(budget, 40)).toEqual([50]);
  });
});
