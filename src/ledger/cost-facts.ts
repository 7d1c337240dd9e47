import type { AttemptClosing } from "../model/attempt.ts";
import { applyMarkup } from "./prices/markup.ts";
import type { PricedCost } from "./prices/price-book.ts";

/** What an attempt's end says of its cost: the amount, what is billed for it, and the sheet that it was worked out with. */
export function costFacts(
  { cost, sheet }: PricedCost,
  markup: string | undefined,
): Pick<AttemptClosing, "cost" | "billed" | "priceSheet"> {
  return { cost, billed: applyMarkup(cost, markup), priceSheet: sheet.id };
}
