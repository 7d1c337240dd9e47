import type { ListedBand } from "../assembly/list-prices.ts";

/**
 * Dollars for a million; a price that depends on the size of the request shows all its steps: `2.5, above 200000: 5`.
 * Empty where nothing is priced.
 */
export function dollarsOf(bands: readonly ListedBand[], unit: keyof ListedBand["rates"]): string {
  let last: string | undefined;
  const steps = bands.flatMap(({ above, rates }) => {
    const rate = rates[unit];
    if (rate === undefined || rate === last) return [];
    last = rate;
    return [above === 0 ? rate : `above ${above}: ${rate}`];
  });
  return steps.join(", ");
}
