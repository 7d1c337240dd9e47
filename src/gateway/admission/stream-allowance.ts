import { nanoDollars } from "../../model/money.ts";
import type { Admission } from "../../policy/admission.ts";
import { type BudgetOrder, costOf } from "./budget-grant.ts";

/** More is set aside by a quarter of what was, so that a long answer asks seldom. */
const GROWTH = 0.25;
const LEAST_TOKENS = 64;
/** It is asked for so many tokens before the last is used: the provider's next read may bring several. */
const MARGIN_TOKENS = 16;

/** How much output of a stream is paid for. */
export class StreamAllowance {
  readonly #admission: Admission;
  readonly #order: BudgetOrder;
  #tokens: number;

  constructor(admission: Admission, order: BudgetOrder, tokens: number) {
    this.#admission = admission;
    this.#order = order;
    this.#tokens = tokens;
  }

  /** Whether so much output is paid for, more being set aside where it isn't and can be. */
  covers(tokens: number, nowMs: number): boolean {
    if (tokens + MARGIN_TOKENS <= this.#tokens) return true;
    const { cap = Number.POSITIVE_INFINITY, choices } = this.#order;
    const most = cap * choices;
    // The provider ends the answer at its cap by itself.
    if (this.#tokens >= most) return true;
    const grown = Math.ceil(Math.max(LEAST_TOKENS, this.#tokens * GROWTH));
    return this.#extend(Math.min(grown, most - this.#tokens), nowMs) || this.#extend(LEAST_TOKENS, nowMs)
      ? true
      : tokens < this.#tokens;
  }

  #extend(by: number, nowMs: number): boolean {
    const { choices } = this.#order;
    const before = costOf(this.#order, this.#tokens / choices);
    const after = costOf(this.#order, (this.#tokens + by) / choices);
    if (!this.#admission.extend(nanoDollars(after - before), nowMs)) return false;
    this.#tokens += by;
    return true;
  }
}
