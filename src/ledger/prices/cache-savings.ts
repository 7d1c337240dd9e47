import { type NanoDollars, nanoDollars } from "../../model/money.ts";
import type { Usage } from "../../model/usage.ts";
import { costOf } from "./cost.ts";
import type { PricedCost } from "./price-book.ts";

/**
 * What the input that was read from the provider's cache would have cost more, had it not been cached. Undefined where
 * nothing was, or where it would have cost no more. What writing the cache costs is part of the cost, not taken off here.
 */
export function cacheSavings({ cost, sheet }: PricedCost, usage: Usage): NanoDollars | undefined {
  if (!(usage.cachedInputTokens > 0)) return undefined;
  const uncached = { ...usage, cachedInputTokens: 0, cachedInputAudioTokens: 0, cachedInputImageTokens: 0 };
  const without = costOf(sheet, uncached);
  return without === undefined || without <= cost ? undefined : nanoDollars(without - cost);
}
