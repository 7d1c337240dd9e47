import { formatDollars } from "../model/money.ts";
import type { Budget, ScopedPolicy } from "../model/policy.ts";
import type { BudgetAccount } from "../policy/budgets/budget-account.ts";
import type { NamedBudget } from "../policy/budgets/budgets.ts";
import { writeBudget } from "../policy/document/write-policy.ts";
import type { AlertOutbox, NewAlert } from "./alert-outbox.ts";

/** Spending is looked at so long after it, all that came meanwhile together: no call waits for it. */
const LOOK_AFTER_MS = 200;
const LOOK_AGAIN_MS = 5_000;
/** Occasions that were told are remembered, the latest so many; of any other the store knows. */
const MAX_REMEMBERED = 20_000;

/** What the watch over budgets works with. */
export interface BudgetAlertParts {
  readonly outbox: AlertOutbox;
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** Whether alerts are sent anywhere. */
  isSent(): boolean;
  /** An alert was stored that had not been told before. */
  onAlert(id: string, body: object): void;
  onFailure(error: unknown): void;
}

/** A budget as it stood when it was looked at. */
interface Standing {
  readonly scoped: ScopedPolicy;
  readonly budget: Budget;
  readonly spent: bigint;
  readonly windowStartMs: number;
  readonly resetsAtMs?: number;
}

/**
 * Tells once when what was spent of a budget has come to a share that its policy names: once for each share in a
 * calendar window; in a rolling one once for as long as the window is; of a total one once for ever. A budget whose
 * amount is changed is told of anew.
 */
export class BudgetAlerts {
  readonly #parts: BudgetAlertParts;
  readonly #spent = new Map<BudgetAccount, ScopedPolicy>();
  readonly #told = new Map<string, number>();
  #timer: Timer | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(parts: BudgetAlertParts) {
    this.#parts = parts;
  }

  /** More was spent of a budget. Only notes it. */
  readonly noteSpent = ({ scoped, account }: NamedBudget): void => {
    if (account.budget.alertPercents.length === 0) return;
    this.#spent.set(account, scoped);
    this.#lookIn(LOOK_AFTER_MS);
  };

  /** Looks at what is still noted, and looks no more. */
  async stop(): Promise<void> {
    await this.#look();
    clearTimeout(this.#timer);
  }

  #lookIn(ms: number): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#look();
    }, ms);
    this.#timer.unref();
  }

  #look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#lookAtAll());
    return this.#looking;
  }

  async #lookAtAll(): Promise<void> {
    const noted = [...this.#spent];
    this.#spent.clear();
    for (const [account, scoped] of noted) {
      try {
        await this.#judge(account, scoped, this.#parts.nowMs());
      } catch (error) {
        this.#parts.onFailure(error);
        this.#spent.set(account, scoped);
        this.#lookIn(LOOK_AGAIN_MS);
      }
    }
  }

  async #judge(account: BudgetAccount, scoped: ScopedPolicy, nowMs: number): Promise<void> {
    const { budget } = account;
    const { spent, resetsAtMs } = account.state(nowMs);
    const standing: Standing = {
      scoped,
      budget,
      spent: BigInt(spent),
      windowStartMs: account.windowStartMs(nowMs),
      ...(resetsAtMs === undefined ? {} : { resetsAtMs }),
    };
    for (const percent of [...budget.alertPercents].sort((one, other) => one - other)) {
      if (standing.spent * 100n < BigInt(budget.amount) * BigInt(percent)) return;
      await this.#tell(standing, percent, nowMs);
    }
  }

  async #tell(standing: Standing, percent: number, nowMs: number): Promise<void> {
    const occasion = occasionOf(standing, percent);
    const toldUntilMs = this.#told.get(occasion);
    if (toldUntilMs !== undefined && nowMs < toldUntilMs) return;
    const endsAtMs = occasionEndsAtMs(standing, nowMs);
    const body = messageOf(standing, percent, nowMs);
    const alert: NewAlert = {
      occasion,
      body: JSON.stringify(body),
      ...(endsAtMs === undefined ? {} : { occasionEndsAtMs: endsAtMs }),
    };
    const id = await this.#parts.outbox.add(alert, this.#parts.isSent(), nowMs);
    if (id !== undefined) this.#remember(occasion, endsAtMs ?? Number.POSITIVE_INFINITY);
    if (id !== undefined) this.#parts.onAlert(id, body);
  }

  #remember(occasion: string, untilMs: number): void {
    const [oldest] = this.#told.keys();
    if (this.#told.size >= MAX_REMEMBERED && oldest !== undefined) this.#told.delete(oldest);
    this.#told.set(occasion, untilMs);
  }
}

/** What an alert is told once for. */
function occasionOf({ scoped, budget, windowStartMs }: Standing, percent: number): string {
  const { window, name, amount } = budget;
  // A rolling window begins at every moment anew: its occasion ends by time.
  const windowName =
    window.kind === "rolling" ? `rolling ${window.lengthMs}` : `${window.kind} ${windowStartMs}`;
  return JSON.stringify([scoped.scope, scoped.id, name, amount, windowName, percent]);
}

function occasionEndsAtMs({ scoped, budget, resetsAtMs }: Standing, nowMs: number): number | undefined {
  const { window } = budget;
  switch (window.kind) {
    case "calendar":
      return resetsAtMs;
    case "rolling":
      return nowMs + window.lengthMs;
    case "total":
      return scoped.endsAtMs;
  }
}

/** The message, in the form that Standard Webhooks recommends: type, timestamp, data. */
function messageOf(
  { scoped, budget, spent, windowStartMs, resetsAtMs }: Standing,
  percent: number,
  nowMs: number,
) {
  const { name, amount_usd, window } = writeBudget(budget);
  return {
    type: "budget.share_spent",
    timestamp: new Date(nowMs).toISOString(),
    data: {
      scope: scoped.scope,
      id: scoped.id,
      budget: name,
      percent,
      spent_usd: formatDollars(spent),
      amount_usd,
      window,
      window_start: budget.window.kind === "total" ? null : new Date(windowStartMs).toISOString(),
      resets_at: resetsAtMs === undefined ? null : new Date(resetsAtMs).toISOString(),
    },
  };
}
