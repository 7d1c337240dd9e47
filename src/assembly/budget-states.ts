import type { Kysely } from "kysely";
import { type SpendingQuery, spentSince } from "../ledger/spending.ts";
import type { BudgetState, BudgetStates } from "../model/budget-state.ts";
import type { Budget, ScopedPolicy } from "../model/policy.ts";
import { windowAt } from "../policy/budgets/window.ts";
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
  const owner = ownerOf(scope, id);
  return {
    scope,
    id,
    budget,
    ...(budget.window.kind === "total" ? {} : { windowStartMs: startMs }),
    ...(endMs === undefined ? {} : { resetsAtMs: endMs }),
    spent: owner === undefined ? 0n : await spentSince(store, { ...owner, sinceMs: startMs }),
    reserved: 0n,
  };
}

/** The ledger's rows know nothing of tokens. */
function ownerOf(scope: ScopedPolicy["scope"], id: string): Omit<SpendingQuery, "sinceMs"> | undefined {
  switch (scope) {
    case "project":
      return { project: id };
    case "key":
      return { keyId: id };
    case "token":
      return undefined;
  }
}
