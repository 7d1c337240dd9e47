import { affordableOutputTokens, type ExpectedUse, estimateCost } from "../../ledger/prices/estimate.ts";
import type { ModelPrice } from "../../ledger/prices/model-price.ts";
import type { Caller } from "../../model/caller.ts";
import type { GatewayError } from "../../model/gateway-error.ts";
import { type NanoDollars, nanoDollars } from "../../model/money.ts";
import type { BudgetHold } from "../../policy/budgets/budget-hold.ts";
import type { Budgets } from "../../policy/budgets/budgets.ts";

/** An answer shorter than this is of no use: a call that can't pay for it is refused. */
const USEFUL_TOKENS = 32;
/** What is set aside for a stream whose usual length nobody knows yet. */
const UNKNOWN_TOKENS = 1_024;
/** How much longer than usual an answer that isn't streamed may be, where its caller set no bound. */
const UNUSUAL = 4;
const UNBOUNDED_TOKENS = 8_192;
/** How long a call waits for money that is set aside for others and may come free. */
const WAIT_MS = 10_000;

/** Who asks, whom, and whether it is still worth asking. */
export interface Asking {
  readonly caller: Caller;
  readonly budgets: Budgets;
  /** Why the call was given up meanwhile, if it was. */
  failure(): GatewayError | undefined;
}

/** What a call needs of its caller's budgets. */
export interface BudgetOrder {
  /** The prices of all targets that may serve it; the dearest counts. */
  readonly prices: readonly ModelPrice[];
  readonly use: ExpectedUse;
  /** How many answers are asked for. */
  readonly choices: number;
  /** The most tokens that one answer may have; undefined where neither caller, policy nor model says. */
  readonly cap: number | undefined;
  /** What answers usually have; undefined while nobody knows. */
  readonly usual: number | undefined;
  /** True where the output can be counted as it comes, so that more can be set aside on the way. */
  readonly isCountable: boolean;
}

/** What a call was granted. */
export interface BudgetGrant {
  readonly hold: BudgetHold;
  /** Output tokens that are paid for, all answers together. */
  readonly outputTokens: number;
  /** What the request must bound one answer to; undefined where more can be set aside on the way. */
  readonly bound: number | undefined;
}

/**
 * Sets aside what a call may cost: its input estimated high, and output. A stream sets aside what is usual and more as
 * tokens come; what isn't streamed sets aside all that it may use, and is bound to that. Waits a while where money is
 * only set aside for other calls. Throws `budget_exhausted` or `store_unavailable`.
 */
export async function grantBudget(asking: Asking, order: BudgetOrder): Promise<BudgetGrant> {
  const { caller, budgets } = asking;
  const untilMs = Date.now() + WAIT_MS;
  const least = costOf(order, Math.min(order.cap ?? USEFUL_TOKENS, USEFUL_TOKENS));
  await budgets.ready(caller);
  for (;;) {
    const nowMs = Date.now();
    // From here to the reservation nobody else is let in between.
    const outputTokens = affordable(order, budgets.left(caller, nowMs) ?? nanoDollars(0));
    if (outputTokens !== undefined) {
      const hold = budgets.reserve(caller, costOf(order, outputTokens), nowMs);
      return { hold, outputTokens: outputTokens * order.choices, bound: boundOf(order, outputTokens) };
    }
    const mayComeFree = nowMs < untilMs && budgets.coversOnceFreed(caller, least, nowMs);
    // Asking for what isn't there gives the refusal that says why.
    if (!mayComeFree) budgets.reserve(caller, least, nowMs).void();
    await Promise.race([budgets.freed(), Bun.sleep(Math.max(0, untilMs - nowMs))]);
    const failure = asking.failure();
    if (failure !== undefined) throw failure;
    await budgets.ready(caller);
  }
}

/** Output tokens of one answer to set aside; undefined where there isn't enough for a useful one. */
function affordable(order: BudgetOrder, left: NanoDollars): number | undefined {
  const { prices, use, choices, cap } = order;
  const payable = Math.min(
    ...prices.map((price) => Math.floor((affordableOutputTokens(price, left, use) ?? -1) / choices)),
  );
  if (payable < Math.min(cap ?? USEFUL_TOKENS, USEFUL_TOKENS)) return undefined;
  return Math.min(payable, wanted(order));
}

function wanted({ cap = Number.POSITIVE_INFINITY, usual, isCountable }: BudgetOrder): number {
  if (isCountable) return Math.min(cap, usual ?? UNKNOWN_TOKENS);
  if (Number.isFinite(cap)) return cap;
  return Math.max((usual ?? 0) * UNUSUAL, UNBOUNDED_TOKENS);
}

/** What was not bound by the caller must be now: nothing else keeps the answer within what was set aside. */
function boundOf({ cap, isCountable }: BudgetOrder, outputTokens: number): number | undefined {
  return isCountable || outputTokens === cap ? undefined : outputTokens;
}

/** The most that the call can cost with so many tokens in each answer. */
export function costOf({ prices, use, choices }: BudgetOrder, outputTokens: number): NanoDollars {
  const costs = prices.map(
    (price) => estimateCost(price, { ...use, outputTokens: outputTokens * choices }) ?? 0,
  );
  return nanoDollars(Math.max(0, ...costs));
}
