import type { Kysely } from "kysely";
import { totalSpending } from "../ledger/total-spending.ts";
import type { BudgetState, BudgetStates } from "../model/budget-state.ts";
import type { Budget, ScopedPolicy } from "../model/policy.ts";
import { calendarSpan, type TimeSpan } from "../policy/budgets/budget-window.ts";
import type { Tables } from "../storage/schema.ts";

/** How budgets stand by the ledger alone: what was charged in the current window. It knows of nothing reserved. */
export function ledgerBudgetStates(store: Kysely<Tables>): BudgetStates {
  return {
    read: async (policies, atMs) => {
      const states: BudgetState[] = [];
      for (const policy of policies) {
        for (const budget of policy.policy.budgets ?? [])
          states.push(await stateOf(store, policy, budget, atMs));
      }
      return states;
    },
  };
}

async function stateOf(
  store: Kysely<Tables>,
  { scope, id }: ScopedPolicy,
  budget: Budget,
  atMs: number,
): Promise<BudgetState> {
  const { startMs, endMs } = windowAt(budget.window, atMs);
  return {
    scope,
    id,
    budget,
    ...(budget.window.kind === "total" ? {} : { windowStartMs: startMs }),
    ...(endMs === undefined ? {} : { resetsAtMs: endMs }),
    spent: await totalSpending(store, { scope, id, sinceMs: startMs }),
    reserved: 0n,
  };
}

function windowAt(
  window: Budget["window"],
  atMs: number,
): Pick<TimeSpan, "startMs"> & { readonly endMs?: number } {
  switch (window.kind) {
    case "calendar":
      return calendarSpan(window, atMs);
    case "rolling":
      return { startMs: atMs - window.lengthMs };
    case "total":
      return { startMs: 0 };
  }
}
