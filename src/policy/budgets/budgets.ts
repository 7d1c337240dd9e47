import type { BudgetState, BudgetStates } from "../../model/budget-state.ts";
import type { Caller } from "../../model/caller.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import { formatDollars, type NanoDollars } from "../../model/money.ts";
import { type Budget, hasBudget, type ScopedPolicy } from "../../model/policy.ts";
import { BudgetAccount, type Reservation } from "./budget-account.ts";
import { BudgetHold } from "./budget-hold.ts";
import type { SpendHistory } from "./spend-history.ts";

/** A budget, whose it is, and how it stands. */
export interface NamedBudget {
  readonly scoped: ScopedPolicy;
  readonly account: BudgetAccount;
}

/** Told each time that more was spent of a budget. */
export type SpentListener = (budget: NamedBudget) => void;

/** With more budgets than this, idle ones are forgotten: the ledger has what was spent of them. */
const MANY_ENTRIES = 20_000;
/** No more than so many are counted at once. */
const MAX_ENTRIES = 100_000;
/** Longer than any call waits for money: what nobody asked for since then is in nobody's hands. */
const IDLE_MS = 30_000;
/** Looking for idle ones is dear, so it is not done more often than this. */
const ROOM_PAUSE_MS = 1_000;

interface Entry extends NamedBudget {
  usedAtMs: number;
  /** Resolves once what was spent before this process counted is known; undefined when it is. */
  loading: Promise<void> | undefined;
  /** Attempts that ended while the history was being read, and were counted when they did. */
  readonly countedMeanwhile: Set<string>;
}

/**
 * All budgets that calls have met, exact in this process. The ledger's rows are the truth: a budget is begun by adding
 * them up, and from then on every call that ends adds its cost.
 */
export class Budgets implements BudgetStates {
  readonly #entries = new Map<string, Entry>();
  readonly #history: SpendHistory;
  readonly #onSpent: SpentListener;
  readonly #nowMs: () => number;
  #madeRoomAtMs = 0;
  #freed = Promise.withResolvers<void>();

  /** `nowMs` is the clock, in milliseconds since 1970. */
  constructor(history: SpendHistory, onSpent: SpentListener, nowMs: () => number = Date.now) {
    this.#history = history;
    this.#onSpent = onSpent;
    this.#nowMs = nowMs;
  }

  /** True where any policy over the caller has a budget. */
  bind({ policies }: Caller): boolean {
    return policies.some(hasBudget);
  }

  /**
   * Resolves once what was spent of the budgets over a caller is known; undefined where it is known already. From then
   * to the next turn of the event loop `left` and `reserve` may be asked. Rejects with `store_unavailable`.
   */
  ready(caller: Caller): Promise<unknown> | undefined {
    const loading = this.#entriesOf(caller).flatMap((entry) => entry.loading ?? []);
    return loading.length === 0 ? undefined : Promise.all(loading);
  }

  /**
   * Sets an amount aside in every budget over a caller, in all or in none. Throws `budget_exhausted` with what is left
   * and when there is more.
   */
  reserve(caller: Caller, amount: NanoDollars, nowMs: number): BudgetHold {
    const reservations: Reservation[] = [];
    for (const entry of this.#entriesOf(caller)) {
      const reservation = entry.account.reserve(amount, nowMs);
      if (reservation === undefined) {
        for (const taken of reservations) taken.void();
        throw exhausted(entry, amount, nowMs);
      }
      reservations.push(reservation);
    }
    return new BudgetHold(reservations);
  }

  /** Money that was set aside has come free: whoever waits for some looks again. */
  noteFreed(): void {
    const freed = this.#freed;
    this.#freed = Promise.withResolvers<void>();
    freed.resolve();
  }

  /** Resolves when money that was set aside for other calls comes free. */
  freed(): Promise<void> {
    return this.#freed.promise;
  }

  /** Whether an amount would be covered once nothing was set aside any more: then it is worth waiting for. */
  coversOnceFreed(caller: Caller, amount: NanoDollars, nowMs: number): boolean {
    return this.#entriesOf(caller).every(({ account }) => {
      const { spent, limit } = account.state(nowMs);
      return spent + amount <= limit;
    });
  }

  /** What the tightest of the budgets over a caller has left; undefined where there is none. */
  left(caller: Caller, nowMs: number): NanoDollars | undefined {
    let least: NanoDollars | undefined;
    for (const { account } of this.#entriesOf(caller)) {
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
    if (!this.bind(caller)) return;
    for (const entry of this.#knownEntriesOf(caller)) {
      if (hold?.covers(entry.account) === true) continue;
      if (entry.loading !== undefined) entry.countedMeanwhile.add(attempt.attemptId);
      entry.account.charge(attempt.cost, attempt.startedAtMs);
    }
  }

  async read(policies: readonly ScopedPolicy[], atMs: number): Promise<readonly BudgetState[]> {
    const states: BudgetState[] = [];
    for (const scoped of policies) {
      for (const budget of scoped.policy.budgets ?? []) {
        const { account, loading } = this.#entry(scoped, budget);
        await loading;
        states.push(stateOf(scoped, account, atMs));
      }
    }
    return states;
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
    const nowMs = this.#nowMs();
    if (known !== undefined) {
      known.account.amend(budget);
      known.usedAtMs = nowMs;
      return known;
    }
    this.#makeRoom(nowMs);
    const account: BudgetAccount = new BudgetAccount(budget, () => this.#onSpent({ scoped, account }));
    const entry: Entry = {
      scoped,
      account,
      usedAtMs: nowMs,
      loading: undefined,
      countedMeanwhile: new Set(),
    };
    this.#entries.set(name, entry);
    entry.loading = this.#load(name, entry, nowMs);
    // Whoever waits for it is told; that nobody may is no failure of its own.
    entry.loading.catch(() => {});
    return entry;
  }

  /** Forgets budgets of which nothing is set aside and that nobody asked for lately. Throws `overloaded`. */
  #makeRoom(nowMs: number): void {
    if (this.#entries.size < MANY_ENTRIES) return;
    if (nowMs - this.#madeRoomAtMs >= ROOM_PAUSE_MS) {
      this.#madeRoomAtMs = nowMs;
      for (const [name, { account, usedAtMs, loading }] of this.#entries) {
        const isIdle = loading === undefined && nowMs - usedAtMs > IDLE_MS;
        if (isIdle && account.state(nowMs).reserved === 0) this.#entries.delete(name);
      }
    }
    if (this.#entries.size < MAX_ENTRIES) return;
    throw new GatewayError("overloaded", {
      message: "More budgets are in use than this gateway counts at once.",
      retryAfterMs: IDLE_MS,
    });
  }

  async #load(name: string, entry: Entry, nowMs: number): Promise<void> {
    const { scoped, account, countedMeanwhile } = entry;
    try {
      const spending = await this.#history.spentSince({
        scope: scoped.scope,
        id: scoped.id,
        sinceMs: account.countsFromMs(nowMs),
        stretchMs: account.stretchMs,
        leftOut: () => countedMeanwhile,
      });
      for (const { atMs, spent } of spending) account.load(spent, atMs);
      // Whoever watches may have missed it: the process that spent it may have been killed.
      if (spending.length > 0) account.noteSpent();
      entry.loading = undefined;
      countedMeanwhile.clear();
    } catch (cause) {
      // The next call asks again: a store that is down heals without a restart.
      this.#entries.delete(name);
      throw new GatewayError("store_unavailable", { cause });
    }
  }
}

function stateOf({ scope, id }: ScopedPolicy, account: BudgetAccount, atMs: number): BudgetState {
  const { spent, reserved, resetsAtMs } = account.state(atMs);
  const { budget } = account;
  return {
    scope,
    id,
    budget,
    ...(budget.window.kind === "total" ? {} : { windowStartMs: account.windowStartMs(atMs) }),
    ...(resetsAtMs === undefined ? {} : { resetsAtMs }),
    spent: BigInt(spent),
    reserved: BigInt(reserved),
  };
}

/** An attempt whose cost is known. */
export interface EndedAttempt {
  readonly attemptId: string;
  readonly startedAtMs: number;
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
