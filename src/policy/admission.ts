import type { Caller } from "../model/caller.ts";
import { type NanoDollars, nanoDollars } from "../model/money.ts";
import type { BudgetHold } from "./budgets/budget-hold.ts";
import type { Budgets } from "./budgets/budgets.ts";
import type { ConcurrencyLimit, HeldPlace } from "./limits/concurrency.ts";
import type { RateHold, RateLimits, TakenUnits } from "./limits/rate-limits.ts";

/** What an attempt came to. */
export interface AttemptCharge extends TakenUnits {
  readonly attemptId: string;
  readonly startedAtMs: number;
  /** Nothing where the model has no price. */
  readonly cost: NanoDollars;
}

/**
 * What a caller was granted for one call: a place among those in flight, units of its rate limits, money of its budgets.
 * Owned by the call; ended once, and what comes after does nothing.
 */
export class Admission {
  readonly #caller: Caller;
  readonly #place: HeldPlace;
  readonly #rates: RateHold;
  readonly #budgets: Budgets;
  #money: BudgetHold | undefined;
  /** What one attempt may cost. */
  #ofOne = 0;
  /** What was set aside beyond that, for attempts before or beside it. */
  #ofOthers = 0;
  #cost = 0;
  #inputTokens = 0;
  #outputTokens = 0;

  constructor(caller: Caller, place: HeldPlace, rates: RateHold, budgets: Budgets) {
    this.#caller = caller;
    this.#place = place;
    this.#rates = rates;
    this.#budgets = budgets;
  }

  /** Takes over what was set aside. */
  holdMoney(money: BudgetHold): void {
    this.#money = money;
    this.#ofOne = money.amount;
  }

  /**
   * Sets aside what an attempt may cost beside those that were made: what they have cost so far, or, while one is under
   * way, as much again. False where a budget has not so much left: then there must be none.
   */
  coverAnother(isBeside: boolean, nowMs: number): boolean {
    const spent = Math.max(0, this.#cost - this.#ofOthers);
    const by = nanoDollars(isBeside ? spent + this.#ofOne : spent);
    if (by === 0) return true;
    if (!this.extend(by, nowMs)) return false;
    this.#ofOthers += by;
    return true;
  }

  /** Sets more aside, in all budgets or in none; true where no budget binds the caller. */
  extend(by: NanoDollars, nowMs: number): boolean {
    return this.#money?.extend(by, nowMs) ?? true;
  }

  /** An attempt of the call has ended. */
  charge(attempt: AttemptCharge): void {
    this.#cost += attempt.cost;
    this.#inputTokens += attempt.inputTokens;
    this.#outputTokens += attempt.outputTokens;
    this.#budgets.charge(this.#caller, attempt, this.#money);
  }

  /** The call is over: what was taken becomes what it came to. */
  end(): void {
    this.#place.release();
    this.#rates.settle({ inputTokens: this.#inputTokens, outputTokens: this.#outputTokens });
    const money = this.#money;
    this.#money = undefined;
    money?.settle(nanoDollars(this.#cost));
    if (money !== undefined) this.#budgets.noteFreed();
  }
}

/** Lets calls in. */
export class Admissions {
  readonly #concurrency: ConcurrencyLimit;
  readonly #rates: RateLimits;
  readonly #budgets: Budgets;

  constructor(concurrency: ConcurrencyLimit, rates: RateLimits, budgets: Budgets) {
    this.#concurrency = concurrency;
    this.#rates = rates;
    this.#budgets = budgets;
  }

  /** Takes a place and units of the rate limits. Throws `overloaded`, `too_many_concurrent` or `rate_limited`. */
  admit(caller: Caller, units: TakenUnits, nowMs: number): Admission {
    const place = this.#concurrency.admit(caller);
    try {
      return new Admission(caller, place, this.#rates.take(caller, units, nowMs), this.#budgets);
    } catch (refused) {
      place.release();
      throw refused;
    }
  }
}
