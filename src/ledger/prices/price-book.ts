import type { NanoDollars } from "../../model/money.ts";
import { type NameMatcher, nameMatcher } from "../../model/name-pattern.ts";
import type { ServiceTierFactor } from "../../model/provider.ts";
import type { Usage } from "../../model/usage.ts";
import { costOf, sheetFor } from "./cost.ts";
import { type ModelPrice, PriceOnTerms } from "./model-price.ts";
import { FREE_PRICE } from "./price.ts";
import { priceDataVersion, schedulesOf } from "./price-data.ts";
import { overrideSchedule, type PriceOverride } from "./price-override.ts";
import { type Dated, type PriceSchedule, priceAt } from "./price-schedule.ts";
import type { PriceSheet } from "./price-sheet.ts";
import type { PriceTerms, TierPrices } from "./service-tier.ts";

/** What models cost, as one configuration sees it. Immutable; cheap enough to ask once per call. */
export interface PriceBook {
  /** Names the price data and the overrides that costs come from; stored beside each. */
  readonly version: string;
  /**
   * What a usage costs at a moment (milliseconds since 1970), and by which sheet. Undefined where the model has no
   * price, or what was used has none. Never throws.
   */
  cost(
    provider: string,
    model: string,
    usage: Usage,
    atMs: number,
    terms?: PriceTerms,
  ): PricedCost | undefined;
  /** The price behind it. */
  price(provider: string, model: string, atMs: number, terms?: PriceTerms): ModelPrice | undefined;
}

/** A cost and the rates that it was worked out with. */
export interface PricedCost {
  readonly cost: NanoDollars;
  readonly sheet: PriceSheet;
}

export interface PriceBookOptions {
  /** Our providers' names, and theirs in the price data. */
  readonly priceDataIds: ReadonlyMap<string, string>;
  /** Prices by `provider/model`, in which `*` stands for any run of characters; they win over everything else. */
  readonly overrides?: ReadonlyMap<string, PriceOverride>;
  /** Providers whose every model costs nothing. */
  readonly free?: ReadonlySet<string>;
  /** By provider, what its service tiers cost compared to the price data. */
  readonly serviceTiers?: ReadonlyMap<string, readonly ServiceTierFactor[]>;
}

/** Makes a price book. Throws RangeError, naming the model, on an override that is not a price. */
export function createPriceBook(options: PriceBookOptions): PriceBook {
  const findOverride = compileOverrides(options.overrides ?? new Map());
  const find = remember((provider, model) => {
    const stated = findOverride(`${provider}/${model}`);
    const holdsAlways = stated.some(({ conditions }) => conditions.length === 0);
    return holdsAlways ? stated : [...builtInSchedule(options, provider, model), ...stated];
  });
  const price: PriceBook["price"] = (provider, model, atMs, terms) =>
    priceAt(find(provider, model), atMs)?.price?.on(terms);
  return Object.freeze({
    version: versionOf(options),
    price,
    cost(provider: string, model: string, usage: Usage, atMs: number, terms?: PriceTerms) {
      const found = price(provider, model, atMs, terms);
      const sheet = found && sheetFor(found.bands, usage.inputTokens);
      const cost = sheet && costOf(sheet, usage);
      return sheet === undefined || cost === undefined ? undefined : { cost, sheet };
    },
  });
}

/** A price, worked out, and when it holds; no price where the data knows that none of its units is counted. */
interface CompiledPrice extends Dated {
  readonly price: PriceOnTerms | undefined;
}

type CompiledSchedule = PriceSchedule<CompiledPrice>;
type Find = (provider: string, model: string) => CompiledSchedule;

const NO_TIERS: TierPrices = new Map();
const NOTHING: CompiledSchedule = [];
const FREE: CompiledSchedule = [
  {
    conditions: [],
    price: new PriceOnTerms({ source: "free", price: FREE_PRICE, tiers: NO_TIERS, uncounted: [] }),
  },
];

/** What holds where no override does. */
function builtInSchedule(
  { priceDataIds, free, serviceTiers }: PriceBookOptions,
  provider: string,
  model: string,
): CompiledSchedule {
  if (free?.has(provider)) return FREE;
  const priceDataId = priceDataIds.get(provider);
  const schedule = priceDataId === undefined ? undefined : schedulesOf(priceDataId, model);
  if (schedule === undefined) return NOTHING;
  const tiers = factorsFor(serviceTiers?.get(provider) ?? [], model);
  return schedule.map(({ conditions, price, uncounted }) => ({
    conditions,
    price: price && new PriceOnTerms({ source: "price data", price, tiers, uncounted }),
  }));
}

function factorsFor(factors: readonly ServiceTierFactor[], model: string): TierPrices {
  const fitting = factors.filter(({ models }) => models === undefined || nameMatcher(models)(model));
  // Of a key that comes twice a map keeps the later value, and the first is to count.
  return new Map(fitting.reverse().map(({ tier, factor }) => [tier, { factor }]));
}

interface NamedOverride {
  readonly matches: NameMatcher;
  readonly schedule: CompiledSchedule;
}

/** An exact name wins over a pattern, and of patterns the longest. */
function compileOverrides(overrides: ReadonlyMap<string, PriceOverride>): (name: string) => CompiledSchedule {
  const exact = new Map<string, CompiledSchedule>();
  const patterns: NamedOverride[] = [];
  for (const [name, override] of [...overrides].sort(([left], [right]) => right.length - left.length)) {
    const schedule = compileOverride(name, override);
    if (name.includes("*")) patterns.push({ matches: nameMatcher([name]), schedule });
    else exact.set(name, schedule);
  }
  return (name) => exact.get(name) ?? patterns.find(({ matches }) => matches(name))?.schedule ?? NOTHING;
}

function compileOverride(name: string, override: PriceOverride): CompiledSchedule {
  try {
    return overrideSchedule(override).map(({ conditions, price, tiers }) => ({
      conditions,
      price: new PriceOnTerms({ source: "override", price, tiers, uncounted: [] }),
    }));
  } catch (error) {
    throw new RangeError(`The price of ${name}: ${error instanceof Error ? error.message : error}`);
  }
}

/** Names of models come from requests too, so what is remembered of them has a bound. */
const MAX_REMEMBERED = 10_000;

function remember(find: Find): Find {
  const byProvider = new Map<string, Map<string, CompiledSchedule>>();
  let size = 0;
  return (provider, model) => {
    const found = byProvider.get(provider)?.get(model);
    if (found !== undefined) return found;
    if (size >= MAX_REMEMBERED) {
      byProvider.clear();
      size = 0;
    }
    const result = find(provider, model);
    const models = byProvider.get(provider) ?? new Map<string, CompiledSchedule>();
    byProvider.set(provider, models.set(model, result));
    size++;
    return result;
  };
}

function versionOf({ overrides, free }: PriceBookOptions): string {
  const version = `genai-prices-${priceDataVersion()}`;
  const own = [...(overrides ?? [])].sort(([left], [right]) => (left < right ? -1 : 1));
  if (own.length === 0) return version;
  const digest = new Bun.CryptoHasher("sha256").update(JSON.stringify([own, [...(free ?? [])].sort()]));
  return `${version}+${digest.digest("hex").slice(0, 8)}`;
}
