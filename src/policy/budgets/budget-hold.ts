import { type NanoDollars, nanoDollars } from "../../model/money.ts";
import type { BudgetAccount, Reservation } from "./budget-account.ts";

/** What one call has set aside, in every budget over its caller. Settled or voided once; later ends do nothing. */
export class BudgetHold {
  readonly #reservations: readonly Reservation[];
  #amount: number;

  constructor(reservations: readonly Reservation[]) {
    this.#reservations = reservations;
    this.#amount = reservations[0]?.amount ?? 0;
  }

  /** What is set aside in each of the budgets. */
  get amount(): NanoDollars {
    return nanoDollars(this.#amount);
  }

  /** Sets more aside, in all budgets or in none. */
  extend(by: NanoDollars, nowMs: number): boolean {
    const extended: Reservation[] = [];
    for (const reservation of this.#reservations) {
      if (!reservation.extend(by, nowMs)) {
        for (const one of extended) one.shrink(by);
        return false;
      }
      extended.push(reservation);
    }
    this.#amount += by;
    return true;
  }

  /** True where the account is one of those in which something was set aside. */
  covers(account: BudgetAccount): boolean {
    return this.#reservations.some((reservation) => reservation.isOf(account));
  }

  settle(cost: NanoDollars): void {
    for (const reservation of this.#reservations) reservation.settle(cost);
  }

  void(): void {
    for (const reservation of this.#reservations) reservation.void();
  }
}
