import { parseDecimal } from "./decimal.ts";
import type { Price, Rate } from "./price.ts";
import type { Dated, PriceSchedule } from "./price-schedule.ts";
import type { TierPrice, TierPrices } from "./service-tier.ts";
import { type Dollars, type StatedRates, statedRates } from "./stated-rates.ts";
import { PRICED_UNITS, type PricedUnit, UNITS } from "./units.ts";
import { conditionsOf, type Validity } from "./validity.ts";

/** Rates, and others for larger requests. */
export interface SizedRates extends StatedRates {
  /** Each for the whole of a request with more input tokens than `above`; what it leaves out is as in smaller ones. */
  readonly tiers?: readonly ({ readonly above: number } & StatedRates)[] | undefined;
}

/** What a service tier costs: a factor of the usual price of tokens, or rates in place of the usual ones. */
export interface StatedServiceTier extends SizedRates {
  readonly factor?: string | number | undefined;
}

/** What a model costs at some time. */
export interface StatedPeriod extends SizedRates, Validity {
  readonly service_tiers?: { readonly [tier: string]: StatedServiceTier } | undefined;
}

/** A model's price as an operator states it. */
export interface PriceOverride extends StatedPeriod {
  readonly input: Dollars;
  readonly output: Dollars;
  /** What holds instead at some times; of several that hold the last. What a period leaves out is as around it. */
  readonly periods?: readonly StatedPeriod[] | undefined;
}

/** A stated price in our units, and when it holds. */
export interface OverridePrice extends Dated {
  readonly price: Price;
  readonly tiers: TierPrices;
}

/** A stated price over time. Throws RangeError on what is no decimal, date or time. */
export function overrideSchedule({ periods = [], ...usual }: PriceOverride): PriceSchedule<OverridePrice> {
  const { from: _from, until: _until, daily: _daily, ...around } = usual;
  const stated: StatedPeriod[] = [usual, ...periods.map((period) => ({ ...around, ...period }))];
  return stated.map((period) => {
    const price = sizedPrice(period, {});
    return { conditions: conditionsOf(period), price, tiers: tierPrices(period, price) };
  });
}

function tierPrices({ service_tiers = {} }: StatedPeriod, usual: Price): TierPrices {
  return new Map(Object.entries(service_tiers).map(([tier, stated]) => [tier, tierPrice(stated, usual)]));
}

function tierPrice(stated: StatedServiceTier, usual: Price): TierPrice {
  if (stated.factor === undefined) return { rates: sizedPrice(stated, usual) };
  parseDecimal(stated.factor);
  return { factor: String(stated.factor) };
}

/** The rates for every size of request. `around` is the price that they stand in. */
function sizedPrice(stated: SizedRates, around: Price): Price {
  const small = statedRates(stated);
  const larger = [...(stated.tiers ?? [])]
    .sort((left, right) => left.above - right.above)
    .map((tier) => ({ start: tier.above, rates: statedRates(tier) }));
  const price: { [Unit in PricedUnit]?: Rate } = {};
  for (const unit of PRICED_UNITS) {
    const tiers = larger.flatMap(({ start, rates }) => {
      const rate = rates.get(unit);
      return rate === undefined ? [] : [{ start, rate }];
    });
    const base = small.get(unit);
    if (base !== undefined) price[unit] = { base, tiers };
    else if (tiers.length > 0) price[unit] = { base: usualRate(unit, small, around), tiers };
  }
  return price;
}

/** What small requests pay for a unit that only larger ones have a price for: that of the unit it is a part of. */
function usualRate(unit: PricedUnit, small: ReadonlyMap<PricedUnit, bigint>, around: Price): bigint {
  for (const charged of [unit, ...UNITS[unit].chargedAs]) {
    const rate = small.get(charged) ?? around[charged]?.base;
    if (rate !== undefined) return rate;
  }
  return 0n;
}
