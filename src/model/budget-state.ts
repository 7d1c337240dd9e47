import type { Budget, ScopedPolicy } from "./policy.ts";

/** How a budget stands. Amounts are nano-dollars. */
export interface BudgetState {
  readonly scope: ScopedPolicy["scope"];
  /** Whose it is: the project's name, the key's id, or the token's id. */
  readonly id: string;
  readonly budget: Budget;
  /** Milliseconds since 1970; absent where everything ever spent counts. */
  readonly windowStartMs?: number;
  /** When what was spent no longer counts; absent where it never does so at once. */
  readonly resetsAtMs?: number;
  readonly spent: bigint;
  /** Held for calls in flight. */
  readonly reserved: bigint;
}

/** Where budgets are counted. */
export interface BudgetStates {
  /** How the budgets of these policies stand at a moment (milliseconds since 1970), in the order of the policies. */
  read(policies: readonly ScopedPolicy[], atMs: number): Promise<readonly BudgetState[]>;
}
