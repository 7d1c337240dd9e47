import type { Rate } from "../assembly/model-listing.ts";
import { formatDollars } from "../model/money.ts";

/** Dollars for a million; a price that depends on the size of the request shows all its steps: `2.5, above 200000: 5`. */
export function dollarsOf(rate: Rate | undefined): string | undefined {
  if (rate === undefined) return undefined;
  const steps = rate.tiers.map((tier) => `, above ${tier.start}: ${formatDollars(tier.rate)}`);
  return formatDollars(rate.base) + steps.join("");
}
