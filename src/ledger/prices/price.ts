import { PRICED_UNITS, type PricedUnit, UNITS } from "./units.ts";

/** Nano-dollars per million units, in each band of request size. A band holds above its start, up to the next one's. */
export interface Rate {
  readonly base: bigint;
  /** By rising `start`, which counts all input tokens of the request. The whole request is charged at one band's rate. */
  readonly tiers: readonly { readonly start: number; readonly rate: bigint }[];
}

/** What a model costs. A unit without a price of its own is charged at that of the unit it is a part of. */
export type Price = { readonly [Unit in PricedUnit]?: Rate };

/** Nano-dollars per million of each unit, in the order of `PRICED_UNITS`; undefined for what has no price. */
export type Rates = readonly (bigint | undefined)[];

/** A price that is the same for every size of request. */
export function flatRate(base: bigint): Rate {
  return { base, tiers: [] };
}

/** Costs nothing, by statement. A request of it has no fee, nor has a tool call. */
export const FREE_PRICE: Price = Object.freeze({
  input: flatRate(0n),
  output: flatRate(0n),
  toolCall: flatRate(0n),
});

/** Where the bands of a price begin, by rising size; the first begins below zero. */
export function bandStarts(price: Price): readonly number[] {
  const starts = new Set<number>();
  for (const unit of PRICED_UNITS) for (const tier of price[unit]?.tiers ?? []) starts.add(tier.start);
  return [-1, ...[...starts].sort((left, right) => left - right)];
}

/** The rates of the band that begins at `start`, every unit resolved to the price that it is charged at. */
export function ratesAbove(price: Price, start: number): Rates {
  const own = (unit: PricedUnit): bigint | undefined => {
    const rate = price[unit];
    return rate && (rate.tiers.findLast((tier) => tier.start <= start)?.rate ?? rate.base);
  };
  return PRICED_UNITS.map((unit) => {
    for (const charged of [unit, ...UNITS[unit].chargedAs]) {
      const rate = own(charged);
      if (rate !== undefined) return rate;
    }
    return unit === "request" ? 0n : undefined;
  });
}
