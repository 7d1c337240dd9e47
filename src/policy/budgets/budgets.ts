import type { Caller } from "../../model/caller.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import { formatDollars, type NanoDollars } from "../../model/money.ts";
import type { Budget, ScopedPolicy } from "../../model/policy.ts";
import { BudgetAccount, type BudgetState, type Reservation } from "./budget-account.ts";
import { BudgetHold } from "./budget-hold.ts";
import type { SpendHistory } from "./spend-history.ts";

/** A budget, whose it is, and how it stands. */
export interface NamedBudget {
  readonly scoped: ScopedPolicy;
  readonly account: BudgetAccount;
}

/** Told each time that more was spent of a budget. */
export type SpentListener = (budget: NamedBudget) => void;

interface Entry extends NamedBudget {
  /** Resolves once what was spent before this process counted is known; undefined when it is. */
  loading: Promise<void> | undefined;
  /** Attempts that ended while the history was being read, and were counted when they did. */
  readonly countedMeanwhile: Set<string>;
}

/**
 * All budgets that calls have met, exact in this process. The ledger's rows are the truth: a budget is begun by adding
 * them up, and from then on every call that ends adds its cost.
 */
export class Budgets {
  readonly #entries = new Map<string, Entry>();
  readonly #history: SpendHistory;
  readonly #onSpent: SpentListener;

  constructor(history: SpendHistory, onSpent: SpentListener) {
    this.#history = history;
    this.#onSpent = onSpent;
  }

  /** True where any policy over the caller has a budget. */
  bind({ policies }: Caller): boolean {
    return policies.some(({ policy }) => policy.budgets !== undefined && policy.budgets.length > 0);
  }

  /**
   * Sets an amount aside in every budget over a caller, in all or in none. Throws `budget_exhausted` with what is left
   * and when there is more, `store_unavailable` where the history can't be read.
   */
  async reserve(caller: Caller, amount: NanoDollars, nowMs: number): Promise<BudgetHold> {
    const entries = this.#entriesOf(caller);
    for (const { loading } of entries) if (loading !== undefined) await loading;
    const reservations: Reservation[] = [];
    for (const entry of entries) {
      const reservation = entry.account.reserve(amount, nowMs);
      if (reservation === undefined) {
        for (const taken of reservations) taken.void();
        throw exhausted(entry, amount, nowMs);
      }
      reservations.push(reservation);
    }
    return new BudgetHold(reservations);
  }

  /** What the tightest of the budgets over a caller has left; undefined where there is none. */
  async left(caller: Caller, nowMs: number): Promise<NanoDollars | undefined> {
    const entries = this.#entriesOf(caller);
    for (const { loading } of entries) if (loading !== undefined) await loading;
    let least: NanoDollars | undefined;
    for (const { account } of entries) {
      const left = account.left(nowMs);
      if (least === undefined || left < least) least = left;
    }
    return least;
  }

  /**
   * The cost of an attempt that ended, for those budgets that were not there when its call was admitted: `hold` has the
   * others.
   */
  charge(caller: Caller, attempt: EndedAttempt, hold: BudgetHold | undefined): void {
    for (const entry of this.#knownEntriesOf(caller)) {
      if (hold?.covers(entry.account) === true) continue;
      if (entry.loading !== undefined) entry.countedMeanwhile.add(attempt.attemptId);
      entry.account.charge(attempt.cost, attempt.admittedAtMs);
    }
  }

  /** How the budgets of one policy stand. */
  async states(
    scoped: ScopedPolicy,
    nowMs: number,
  ): Promise<readonly (BudgetState & { readonly budget: Budget })[]> {
    const entries = (scoped.policy.budgets ?? []).map((budget) => this.#entry(scoped, budget));
    for (const { loading } of entries) if (loading !== undefined) await loading;
    return entries.map(({ account }) => ({ budget: account.budget, ...account.state(nowMs) }));
  }

  #entriesOf({ policies }: Caller): readonly Entry[] {
    return policies.flatMap((scoped) =>
      (scoped.policy.budgets ?? []).map((budget) => this.#entry(scoped, budget)),
    );
  }

  #knownEntriesOf({ policies }: Caller): readonly Entry[] {
    return policies.flatMap((scoped) =>
      (scoped.policy.budgets ?? []).flatMap((budget) => this.#entries.get(nameOf(scoped, budget)) ?? []),
    );
  }

  #entry(scoped: ScopedPolicy, budget: Budget): Entry {
    const name = nameOf(scoped, budget);
    const known = this.#entries.get(name);
    if (known !== undefined) {
      known.account.amend(budget);
      return known;
    }
    const account: BudgetAccount = new BudgetAccount(budget, () => this.#onSpent({ scoped, account }));
    const entry: Entry = { scoped, account, loading: undefined, countedMeanwhile: new Set() };
    this.#entries.set(name, entry);
    entry.loading = this.#load(name, entry, Date.now());
    // Whoever waits for it is told; that nobody may is no failure of its own.
    entry.loading.catch(() => {});
    return entry;
  }

  async #load(name: string, entry: Entry, nowMs: number): Promise<void> {
    const { scoped, account, countedMeanwhile } = entry;
    try {
      const spending = await this.#history.spentSince({
        scope: scoped.scope,
        id: scoped.id,
        sinceMs: account.windowStartMs(nowMs),
        stretchMs: account.stretchMs,
        but: () => countedMeanwhile,
      });
      for (const { atMs, spent } of spending) account.load(spent, atMs);
      entry.loading = undefined;
      countedMeanwhile.clear();
    } catch (cause) {
      // The next call asks again: a store that is down heals without a restart.
      this.#entries.delete(name);
      throw new GatewayError("store_unavailable", { cause });
    }
  }
}

/** An attempt whose cost is known. */
export interface EndedAttempt {
  readonly attemptId: string;
  readonly admittedAtMs: number;
  readonly cost: NanoDollars;
}

/** A budget whose window is changed begins anew, with the ledger's rows of the new window. */
function nameOf({ scope, id }: ScopedPolicy, { name, window }: Budget): string {
  return `${scope} ${id} ${name} ${JSON.stringify(window)}`;
}

function exhausted({ scoped, account }: NamedBudget, wanted: NanoDollars, nowMs: number): GatewayError {
  const { spent, reserved, limit, resetsAtMs } = account.state(nowMs);
  const { name } = account.budget;
  const left = formatDollars(account.left(nowMs));
  const held = reserved > 0 ? `, ${formatDollars(reserved)} set aside for calls in flight` : "";
  const stands = `${formatDollars(spent)} of ${formatDollars(limit)} dollars spent${held}, ${left} left`;
  const more =
    resetsAtMs === undefined ? "" : ` There is more from ${new Date(resetsAtMs).toISOString()} on.`;
  return new GatewayError("budget_exhausted", {
    message: `The budget "${name}" of ${scoped.scope} "${scoped.id}" does not cover this call (${formatDollars(wanted)} dollars at least): ${stands}.${more}`,
  });
}
