import type { AttemptClosing } from "../model/attempt.ts";
import type { Usage } from "../model/usage.ts";
import { cacheSavings } from "./prices/cache-savings.ts";
import { applyMarkup } from "./prices/markup.ts";
import type { PricedCost } from "./prices/price-book.ts";

/** What of an attempt's end is about money. */
export type CostFacts = Pick<AttemptClosing, "cost" | "billed" | "priceSheet" | "cacheSavings">;

/**
 * What an attempt's end says of its cost: the amount, what is billed for it, what its cached input saved, and the sheet
 * that all were worked out with.
 */
export function costFacts(priced: PricedCost, usage: Usage, markup: string | undefined): CostFacts {
  const { cost, sheet } = priced;
  const facts = { cost, billed: applyMarkup(cost, markup), priceSheet: sheet.id };
  const saved = cacheSavings(priced, usage);
  return saved === undefined ? facts : { ...facts, cacheSavings: saved };
}
