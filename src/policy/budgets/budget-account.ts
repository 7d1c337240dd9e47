import { type NanoDollars, nanoDollars } from "../../model/money.ts";
import type { Budget, BudgetWindow } from "../../model/policy.ts";
import { calendarSpan, type TimeSpan } from "./budget-window.ts";

const HOUR_MS = 3_600_000;
const LONG_WINDOW_MS = 48 * HOUR_MS;
const ROLLING_STRETCHES = 1024;

/** What was spent and reserved in one stretch of time. */
interface Period extends TimeSpan {
  spent: number;
  reserved: number;
}

/** How an account stands. */
export interface AccountState {
  readonly spent: NanoDollars;
  readonly reserved: NanoDollars;
  readonly limit: NanoDollars;
  /** When the next amount comes free, in milliseconds since 1970; absent where none ever does. */
  readonly resetsAtMs?: number;
}

/** Money set aside for one call. It is settled or voided by its one owner; whatever comes after does nothing. */
export class Reservation {
  readonly #account: BudgetAccount;
  readonly #period: Period;
  #amount: number;
  #isOpen = true;

  constructor(account: BudgetAccount, period: Period, amount: number) {
    this.#account = account;
    this.#period = period;
    this.#amount = amount;
  }

  get amount(): NanoDollars {
    return nanoDollars(this.#amount);
  }

  /** Sets more aside, all of it or nothing. */
  extend(by: NanoDollars, nowMs: number): boolean {
    if (!this.#isOpen || by > this.#account.leftFor(this.#period, nowMs)) return false;
    this.#amount += by;
    this.#period.reserved += by;
    return true;
  }

  /** Takes back what an extension set aside. */
  shrink(by: NanoDollars): void {
    if (!this.#isOpen) return;
    this.#amount -= by;
    this.#period.reserved -= by;
  }

  isOf(account: BudgetAccount): boolean {
    return this.#account === account;
  }

  /** The call is over and cost so much. It counts for the window in which it was admitted. */
  settle(cost: NanoDollars): void {
    if (!this.#close()) return;
    this.#period.spent += cost;
    this.#account.noteSpent();
  }

  /** The call cost nothing. */
  void(): void {
    this.#close();
  }

  #close(): boolean {
    if (!this.#isOpen) return false;
    this.#isOpen = false;
    this.#period.reserved -= this.#amount;
    return true;
  }
}

/**
 * One budget of one policy: spent and reserved together never exceed the amount, since nothing is reserved beyond what
 * is left. (What a provider bills beyond the reservation is charged all the same: the truth is never hidden.)
 */
export class BudgetAccount {
  #budget: Budget;
  #periods: Period[] = [];
  #calendar: TimeSpan = { startMs: 0, endMs: 0 };
  readonly #onSpent: (account: BudgetAccount) => void;

  /** `onSpent` is called when more was spent: whoever sends alerts looks then. */
  constructor(budget: Budget, onSpent: (account: BudgetAccount) => void) {
    this.#budget = budget;
    this.#onSpent = onSpent;
  }

  get budget(): Budget {
    return this.#budget;
  }

  /** How finely the past must be known, in milliseconds; undefined where its sum is enough. */
  get stretchMs(): number | undefined {
    const { window } = this.#budget;
    return window.kind === "rolling" ? rollingStretchMs(window) : undefined;
  }

  /** The amount or the alerts were changed; the window is the same. */
  amend(budget: Budget): void {
    this.#budget = budget;
  }

  /** What was spent before this process began to count, at the moment given. */
  load(spent: NanoDollars, atMs: number): void {
    this.#periodAt(atMs).spent += spent;
  }

  /** What a call cost that was admitted before this budget was there. */
  charge(cost: NanoDollars, admittedAtMs: number): void {
    this.#periodAt(admittedAtMs).spent += cost;
    this.noteSpent();
  }

  /** What may still be reserved. */
  left(nowMs: number): NanoDollars {
    const { spent, reserved } = this.#sums(nowMs);
    return nanoDollars(Math.max(0, this.#budget.amount - spent - reserved));
  }

  /** What may be added to a reservation. One of an earlier calendar window is that window's, not today's. */
  leftFor(
    period: TimeSpan & { readonly spent: number; readonly reserved: number },
    nowMs: number,
  ): NanoDollars {
    if (this.#budget.window.kind !== "calendar") return this.left(nowMs);
    return nanoDollars(Math.max(0, this.#budget.amount - period.spent - period.reserved));
  }

  state(nowMs: number): AccountState {
    const { spent, reserved } = this.#sums(nowMs);
    const resetsAtMs = this.#resetsAtMs(nowMs);
    return {
      spent: nanoDollars(spent),
      reserved: nanoDollars(reserved),
      limit: this.#budget.amount,
      ...(resetsAtMs === undefined ? {} : { resetsAtMs }),
    };
  }

  /** Sets an amount aside; undefined where there isn't so much left. */
  reserve(amount: NanoDollars, nowMs: number): Reservation | undefined {
    if (amount > this.left(nowMs)) return undefined;
    const period = this.#periodAt(nowMs);
    period.reserved += amount;
    return new Reservation(this, period, amount);
  }

  noteSpent(): void {
    this.#onSpent(this);
  }

  /** The first moment of what counts now. */
  windowStartMs(nowMs: number): number {
    const { window } = this.#budget;
    switch (window.kind) {
      case "calendar":
        return this.#calendarSpan(window, nowMs).startMs;
      case "rolling":
        return nowMs - window.lengthMs;
      case "total":
        return 0;
    }
  }

  /** Reckoning with calendars is dear, so it is done once a window. */
  #calendarSpan(window: Extract<BudgetWindow, { kind: "calendar" }>, atMs: number): TimeSpan {
    const { startMs, endMs } = this.#calendar;
    if (startMs <= atMs && atMs < endMs) return this.#calendar;
    const span = calendarSpan(window, atMs);
    this.#calendar = span;
    return span;
  }

  /**
   * From when on what was spent must be known, at the moment given: the stretch in which a rolling window begins counts
   * whole, so all of it.
   */
  countsFromMs(nowMs: number): number {
    return this.#spanAt(this.windowStartMs(nowMs)).startMs;
  }

  /** The stretch in which amounts of that moment are added up. */
  #spanAt(atMs: number): TimeSpan {
    const { window } = this.#budget;
    switch (window.kind) {
      case "calendar":
        return this.#calendarSpan(window, atMs);
      case "rolling": {
        const stretchMs = rollingStretchMs(window);
        const number = Math.floor(atMs / stretchMs);
        return { startMs: number * stretchMs, endMs: (number + 1) * stretchMs };
      }
      case "total":
        return { startMs: 0, endMs: Number.POSITIVE_INFINITY };
    }
  }

  #sums(nowMs: number): { readonly spent: number; readonly reserved: number } {
    const startMs = this.windowStartMs(nowMs);
    this.#periods = this.#periods.filter(({ endMs, reserved }) => endMs > startMs || reserved > 0);
    let spent = 0;
    let reserved = 0;
    for (const period of this.#periods) {
      // What an earlier window still has in flight is no burden of this one.
      if (period.endMs <= startMs) continue;
      spent += period.spent;
      reserved += period.reserved;
    }
    return { spent, reserved };
  }

  #periodAt(atMs: number): Period {
    const known = this.#periods.find(({ startMs, endMs }) => startMs <= atMs && atMs < endMs);
    if (known !== undefined) return known;
    const period = { ...this.#spanAt(atMs), spent: 0, reserved: 0 };
    this.#periods.push(period);
    return period;
  }

  #resetsAtMs(nowMs: number): number | undefined {
    const { window } = this.#budget;
    switch (window.kind) {
      case "calendar":
        return this.#calendarSpan(window, nowMs).endMs;
      case "rolling": {
        const oldest = Math.min(...this.#periods.filter(({ spent }) => spent > 0).map(({ endMs }) => endMs));
        return Number.isFinite(oldest) ? oldest + window.lengthMs : undefined;
      }
      case "total":
        return undefined;
    }
  }
}

/**
 * The stretches in which a rolling window is kept, in milliseconds: an amount counts until its whole stretch has left the
 * window. Those of long windows are whole hours, as the ledger's rollups are, so that a restart changes nothing.
 */
function rollingStretchMs({ lengthMs }: Extract<BudgetWindow, { kind: "rolling" }>): number {
  const stretchMs = lengthMs / ROLLING_STRETCHES;
  return lengthMs > LONG_WINDOW_MS ? Math.ceil(stretchMs / HOUR_MS) * HOUR_MS : stretchMs;
}
