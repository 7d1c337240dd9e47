import type { Kysely } from "kysely";
import { totalSpending } from "../ledger/total-spending.ts";
import type { BudgetState, BudgetStates } from "../model/budget-state.ts";
import type { Budget, ScopedPolicy } from "../model/policy.ts";
import { BudgetAccount } from "../policy/budgets/budget-account.ts";
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
  // Nothing is charged to it: it knows the budget's window as the gateway keeps it.
  const account = new BudgetAccount(budget, () => {});
  const { resetsAtMs } = account.state(atMs);
  return {
    scope,
    id,
    budget,
    ...(budget.window.kind === "total" ? {} : { windowStartMs: account.windowStartMs(atMs) }),
    ...(resetsAtMs === undefined ? {} : { resetsAtMs }),
    spent: await totalSpending(store, { scope, id, sinceMs: account.countsFromMs(atMs) }),
    reserved: 0n,
  };
}
