import type { NanoDollars } from "../../model/money.ts";
import type { Usage } from "../../model/usage.ts";
import { costOf, exactSum } from "./cost.ts";
import { factorOf, type PriceSheet } from "./price-sheet.ts";
import { countUnits } from "./unit-counts.ts";
import { isToken, PRICED_UNITS, type PricedUnit } from "./units.ts";

/** A cost, line by line. All amounts are integers of `10 ^ -places` dollars, so lines add up without any rounding. */
export interface Bill {
  readonly places: number;
  readonly lines: readonly BillLine[];
  /** What the service tier takes off, or puts on; absent where its rates stand in the lines. */
  readonly tierDiscount?: bigint;
  /** What the one rounding to a nano-dollar added or took. */
  readonly rounding: bigint;
  /** Lines, discount and rounding together: the cost in nano-dollars. */
  readonly cost: NanoDollars;
}

/** One unit of a bill. */
export interface BillLine {
  readonly unit: PricedUnit;
  readonly count: number;
  /** Nano-dollars per million, and the line's amount; absent where the unit has no price, so that it adds nothing. */
  readonly priced?: { readonly rate: bigint; readonly amount: bigint };
}

/** Dollars, nano-dollars, and the millionth of one that a rate counts in. */
const RATE_PLACES = 9 + 6;

/** The lines of what `costOf` comes to. Undefined where that gives nothing. */
export function billOf(sheet: PriceSheet, usage: Usage): Bill | undefined {
  const counts = countUnits(usage);
  const cost = costOf(sheet, usage);
  const exact = exactSum(sheet, counts);
  if (cost === undefined || exact === undefined) return undefined;
  const { denominator } = factorOf(sheet);
  const lines = linesOf(sheet, counts, denominator);
  const listed = lines.reduce((sum, { priced }) => sum + (priced?.amount ?? 0n), 0n);
  return {
    places: RATE_PLACES + String(denominator).length - 1,
    lines,
    ...(sheet.factor !== undefined && { tierDiscount: exact - listed }),
    rounding: BigInt(cost) * sheet.divisor - exact,
    cost,
  };
}

/** A fee of nothing is no line; tokens that cost nothing are one. */
function linesOf(sheet: PriceSheet, counts: readonly number[], scale: bigint): BillLine[] {
  return PRICED_UNITS.flatMap((unit, index): BillLine[] => {
    const count = counts[index] ?? 0;
    const rate = sheet.rates[index];
    if (count === 0 || (rate === 0n && !isToken(index))) return [];
    if (rate === undefined) return [{ unit, count }];
    return [{ unit, count, priced: { rate, amount: BigInt(count) * rate * scale } }];
  });
}
