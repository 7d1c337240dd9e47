import type { NanoDollars } from "../../model/money.ts";
import type { Usage } from "../../model/usage.ts";
import { costOf } from "./cost.ts";
import type { Rate } from "./price.ts";
import { priceDataVersion, schedulesOf } from "./price-data.ts";
import { overridePrice, type PriceOverride } from "./price-override.ts";
import { constantPrice, type DatedPrice, type PriceSchedule, priceAt } from "./price-schedule.ts";

/** What models cost, as one configuration sees it. Immutable; cheap enough to ask once per call. */
export interface PriceBook {
  /** Names the data and the overrides that every cost here comes from; stored beside each. */
  readonly version: string;
  /** What a usage costs at a moment (milliseconds since 1970); undefined where the model has no price. Never throws. */
  cost(
    provider: string,
    model: string,
    usage: Usage,
    atMs: number,
  ): { readonly cost: NanoDollars } | undefined;
  /** The price behind it, and where it comes from. */
  price(provider: string, model: string, atMs: number): SourcedPrice | undefined;
}

/** A price and who says so. */
export interface SourcedPrice extends DatedPrice {
  readonly source: PriceSource;
}

export type PriceSource = "override" | "free" | "price data";

export interface PriceBookOptions {
  /** Our providers' names, and theirs in the price data. */
  readonly priceDataIds: ReadonlyMap<string, string>;
  /** Prices by `provider/model`; they win over everything else. */
  readonly overrides?: ReadonlyMap<string, PriceOverride>;
  /** Providers whose every model costs nothing. */
  readonly free?: ReadonlySet<string>;
}

/** Makes a price book. Throws RangeError, naming the model, on an override that is not a price. */
export function createPriceBook(options: PriceBookOptions): PriceBook {
  const overrides = compileOverrides(options.overrides ?? new Map());
  const find = remember((provider, model) => findSchedule(options, overrides, provider, model));
  return Object.freeze({
    version: versionOf(options),
    cost(provider: string, model: string, usage: Usage, atMs: number) {
      const found = find(provider, model);
      const price = found && priceAt(found.schedule, atMs);
      return price && { cost: costOf(price.bands, usage) };
    },
    price(provider: string, model: string, atMs: number) {
      const found = find(provider, model);
      const price = found && priceAt(found.schedule, atMs);
      return price && { ...price, source: found.source };
    },
  });
}

interface FoundSchedule {
  readonly schedule: PriceSchedule;
  readonly source: PriceSource;
}

type Find = (provider: string, model: string) => FoundSchedule | undefined;

const NOTHING: Rate = { base: 0n, tiers: [] };
const FREE: FoundSchedule = { schedule: constantPrice({ input: NOTHING, output: NOTHING }), source: "free" };

function findSchedule(
  { priceDataIds, free }: PriceBookOptions,
  overrides: ReadonlyMap<string, FoundSchedule>,
  provider: string,
  model: string,
): FoundSchedule | undefined {
  const override = overrides.get(`${provider}/${model}`);
  if (override !== undefined) return override;
  if (free?.has(provider)) return FREE;
  const priceDataId = priceDataIds.get(provider);
  const schedule = priceDataId === undefined ? undefined : schedulesOf(priceDataId, model);
  return schedule && { schedule, source: "price data" };
}

function compileOverrides(overrides: ReadonlyMap<string, PriceOverride>): Map<string, FoundSchedule> {
  const compiled = new Map<string, FoundSchedule>();
  for (const [name, override] of overrides) {
    try {
      compiled.set(name, { schedule: constantPrice(overridePrice(override)), source: "override" });
    } catch (error) {
      throw new RangeError(`The price of ${name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return compiled;
}

/** Names of models come from requests too, so what is remembered of them has a bound. */
const MAX_REMEMBERED = 10_000;

function remember(find: Find): Find {
  const byProvider = new Map<string, Map<string, FoundSchedule | undefined>>();
  let size = 0;
  return (provider, model) => {
    const known = byProvider.get(provider);
    const found = known?.get(model);
    if (found !== undefined || known?.has(model)) return found;
    if (size >= MAX_REMEMBERED) {
      byProvider.clear();
      size = 0;
    }
    const result = find(provider, model);
    const models = byProvider.get(provider) ?? new Map<string, FoundSchedule | undefined>();
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
