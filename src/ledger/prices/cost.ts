import { type NanoDollars, nanoDollars } from "../../model/money.ts";
import type { Usage } from "../../model/usage.ts";
import type { Band } from "./model-price.ts";
import type { PriceSheet } from "./price-sheet.ts";
import { countUnits } from "./unit-counts.ts";
import { isToken } from "./units.ts";

const LARGEST = BigInt(Number.MAX_SAFE_INTEGER);

/** The sheet of a request's size. All its input tokens count, the cached ones too. */
export function sheetFor(bands: readonly Band[], inputTokens: number): PriceSheet | undefined {
  let sheet = bands[0]?.sheet;
  for (let index = 1; index < bands.length; index++) {
    const band = bands[index];
    if (band !== undefined && inputTokens > band.above) sheet = band.sheet;
  }
  return sheet;
}

/**
 * What one call costs by a sheet: the exact sum of counts times rates, rounded half up to a nano-dollar once, at the
 * end. Undefined where it has tokens without a price. A tool call without a price adds nothing: then the cost is a
 * lower bound, as its explanation says.
 */
export function costOf(sheet: PriceSheet, usage: Usage): NanoDollars | undefined {
  const counts = countUnits(usage);
  return smallCost(sheet, counts) ?? largeCost(sheet, counts);
}

/**
 * In numbers, which are exact while all of the sum is an integer below 2^53: no partial sum of what isn't negative is
 * larger than the whole. Undefined for any other sum, one with a unit without a price included.
 */
function smallCost(
  { scaledNumbers, divisor }: PriceSheet,
  counts: readonly number[],
): NanoDollars | undefined {
  let sum = 0;
  for (let index = 0; index < counts.length; index++) {
    const count = counts[index];
    if (count !== undefined && count !== 0) sum += count * (scaledNumbers[index] ?? Number.NaN);
  }
  if (!(sum <= Number.MAX_SAFE_INTEGER)) return undefined;
  // Quotients may be inexact, remainders never are.
  const divisorNumber = Number(divisor);
  const rest = sum % divisorNumber;
  const whole = (sum - rest) / divisorNumber;
  return nanoDollars(rest * 2 >= divisorNumber ? whole + 1 : whole);
}

function largeCost(sheet: PriceSheet, counts: readonly number[]): NanoDollars | undefined {
  const sum = exactSum(sheet, counts);
  if (sum === undefined) return undefined;
  const rounded = roundHalfUp(sum, sheet.divisor);
  return nanoDollars(Number(rounded < LARGEST ? rounded : LARGEST));
}

/** The sum before it is rounded, times the sheet's divisor; undefined where tokens have no price. */
export function exactSum({ scaled }: PriceSheet, counts: readonly number[]): bigint | undefined {
  let sum = 0n;
  for (let index = 0; index < counts.length; index++) {
    const count = counts[index] ?? 0;
    if (count === 0) continue;
    const rate = scaled[index];
    if (rate !== undefined) sum += BigInt(count) * rate;
    else if (isToken(index)) return undefined;
  }
  return sum;
}

/** The one way in which amounts that are not negative are rounded. */
export function roundHalfUp(numerator: bigint, denominator: bigint): bigint {
  return (2n * numerator + denominator) / (2n * denominator);
}
