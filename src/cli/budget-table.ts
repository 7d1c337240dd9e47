import { printTable } from "./table.ts";

/** How a budget stands, as the administration API tells it. */
interface ShownBudget {
  readonly scope: string;
  readonly id: string;
  readonly name: string;
  readonly amount_usd: string;
  readonly spent_usd: string;
  readonly left_usd: string;
  readonly used_percent: number;
  readonly resets_at: string | null;
}

/** Prints how budgets stand, by what the ledger has; `owner` says whose one is. */
export function printBudgets<Budget extends ShownBudget>(
  budgets: readonly Budget[],
  owner: (budget: Budget) => string,
): void {
  printTable(
    ["budget", "of", "amount $", "spent $", "left $", "used", "resets"],
    budgets.map((budget) => [
      budget.name,
      owner(budget),
      budget.amount_usd,
      budget.spent_usd,
      budget.left_usd,
      `${budget.used_percent} %`,
      budget.resets_at ?? "never",
    ]),
  );
}
