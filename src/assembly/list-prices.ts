import { formatDecimal } from "../ledger/prices/decimal.ts";
import type { ModelPrice } from "../ledger/prices/model-price.ts";
import { createPriceBook } from "../ledger/prices/price-book.ts";
import { modelsOf, priceDataIds } from "../ledger/prices/price-data.ts";
import { PRICED_UNITS, type PricedUnit, UNITS } from "../ledger/prices/units.ts";
import { providers as builtIns } from "../providers/catalog.ts";
import type { Settings } from "./configuration/load-settings.ts";
import { costsNothing, openPriceBook } from "./price-book.ts";

/** A model's price, for people: dollars per million tokens; fees in dollars for each. */
export interface ListedPrice {
  readonly provider: string;
  /** As the provider names it; `*` stands for any run of characters. */
  readonly model: string;
  readonly source: ModelPrice["source"];
  /** In tokens; null where unknown. */
  readonly contextWindow: number | null;
  /** By rising size of request; the first is for the smallest. */
  readonly bands: readonly ListedBand[];
  /** What a cost by this price is known not to take in. */
  readonly incomplete: readonly string[];
}

/** The rates of requests with more input tokens than `above`. */
export interface ListedBand {
  readonly above: number;
  readonly rates: { readonly [Unit in PricedUnit]?: string };
}

/**
 * Prices at a moment, in milliseconds since 1970: the operator's own, where there are settings, and then those of the
 * price data that they don't replace. Providers that we don't know have that data's names.
 */
export async function listPrices(
  settings: Settings | undefined,
  atMs: number,
): Promise<readonly ListedPrice[]> {
  const own = settings === undefined ? [] : ownPrices(settings, atMs);
  const replaced = new Set(own.map(({ provider, model }) => `${dataIdOf(settings, provider)}/${model}`));
  const ids = await priceDataIds();
  const book = createPriceBook({ priceDataIds: new Map(ids.map((id) => [id, id])) });
  const data = ids.flatMap((provider) =>
    modelsOf(provider).flatMap(({ id, contextWindow }) =>
      replaced.has(`${provider}/${id}`)
        ? []
        : (listedPrice(nameOf(provider), id, book.price(provider, id, atMs), contextWindow ?? null) ?? []),
    ),
  );
  return [...own, ...data];
}

function ownPrices(settings: Settings, atMs: number): ListedPrice[] {
  const book = openPriceBook(settings);
  const named = Object.keys(settings.configuration.prices).map((name) => splitName(name));
  const free = settings.providers.filter(({ builtIn }) => costsNothing(builtIn));
  const all = [...named, ...free.map(({ id }) => ({ provider: id, model: "*" }))];
  return all.flatMap(({ provider, model }) => {
    const contextWindow = contextWindowOf(settings, provider, model);
    return listedPrice(provider, model, book.price(provider, model, atMs), contextWindow) ?? [];
  });
}

/** A price of the price book, for people; undefined where the model has none. */
export function listedPrice(
  provider: string,
  model: string,
  price: ModelPrice | undefined,
  contextWindow: number | null,
): ListedPrice | undefined {
  if (price === undefined) return undefined;
  const { source, bands } = price;
  return {
    provider,
    model,
    source,
    contextWindow,
    bands: bands.map(({ above, sheet }) => ({
      above: Math.max(above, 0),
      rates: listedRates(sheet.rates),
    })),
    incomplete: bands[0]?.sheet.incomplete ?? [],
  };
}

const TOKEN_PLACES = 9;
const FEE_PLACES = 15;

/** A fee of nothing is none. */
function listedRates(rates: readonly (bigint | undefined)[]): ListedBand["rates"] {
  return Object.fromEntries(
    PRICED_UNITS.flatMap((unit, index) => {
      const rate = rates[index];
      const isFee = UNITS[unit].kind === "fee";
      if (rate === undefined || (isFee && rate === 0n)) return [];
      return [[unit, formatDecimal(rate, isFee ? FEE_PLACES : TOKEN_PLACES)]];
    }),
  );
}

function splitName(name: string): { readonly provider: string; readonly model: string } {
  const slash = name.indexOf("/");
  return { provider: name.slice(0, slash), model: name.slice(slash + 1) };
}

/** Our name for a provider of the price data. */
function nameOf(dataId: string): string {
  return [...builtIns.values()].find(({ priceDataId }) => priceDataId === dataId)?.id ?? dataId;
}

function dataIdOf(settings: Settings | undefined, provider: string): string | undefined {
  return settings?.providers.find(({ id }) => id === provider)?.builtIn?.priceDataId;
}

function contextWindowOf(settings: Settings, provider: string, model: string): number | null {
  const dataId = dataIdOf(settings, provider);
  const known = dataId === undefined ? [] : modelsOf(dataId);
  return known.find(({ id }) => id === model)?.contextWindow ?? null;
}
