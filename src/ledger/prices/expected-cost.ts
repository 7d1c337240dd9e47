import type { NanoDollars } from "../../model/money.ts";
import type { Target } from "../../model/snapshot.ts";
import { NO_USAGE } from "../../model/usage.ts";
import type { PriceBook } from "./price-book.ts";

/** What a call is expected to use. */
export interface ExpectedUse {
  readonly inputTokens: number;
  /** The share of them (0 to 1) that will be cache hits. */
  readonly cachedShare: number;
  readonly outputTokens: number;
}

/** What a call to a target is expected to cost at a moment (milliseconds since 1970). Undefined where it has no price. */
export function expectedCost(
  prices: PriceBook,
  { upstream, model }: Target,
  { inputTokens, cachedShare, outputTokens }: ExpectedUse,
  atMs: number,
): NanoDollars | undefined {
  const cachedInputTokens = Math.round(inputTokens * cachedShare);
  const usage = { ...NO_USAGE, inputTokens, cachedInputTokens, outputTokens };
  return prices.cost(upstream.provider, model, usage, atMs)?.cost;
}

/** Whether it is known what calls to a target cost at a moment (milliseconds since 1970). */
export function isPriced(prices: PriceBook, { upstream, model }: Target, atMs: number): boolean {
  return prices.price(upstream.provider, model, atMs) !== undefined;
}
