import type { Rate } from "../ledger/prices/price.ts";
import type { PriceBook, SourcedPrice } from "../ledger/prices/price-book.ts";
import { modelsOf, priceDataIds } from "../ledger/prices/price-data.ts";
import type { CatalogModel } from "../model/snapshot.ts";
import { providers as builtIns } from "../providers/catalog.ts";
import { compileCatalog } from "./compile/catalog.ts";
import type { ActiveProvider } from "./configuration/active-providers.ts";
import type { Settings } from "./configuration/load-settings.ts";
import { openPriceBook } from "./price-book.ts";

export type { Rate };

/** A model with all that is known of it. What is absent is unknown. */
export interface ListedModel extends CatalogModel {
  readonly price?: SourcedPrice;
}

/** The models of the configured providers: what is written, what the price data knows, and what the operator priced. */
export function listModels(settings: Settings, atMs: number): readonly ListedModel[] {
  return withPrices(catalogOf(settings), openPriceBook(settings), atMs);
}

/**
 * Every model that has a price: those of the configured providers by the operator's prices, then whatever else the price
 * data knows, by our name of the provider where we have one.
 */
export async function listPrices(settings: Settings, atMs: number): Promise<readonly ListedModel[]> {
  const own = listModels(settings, atMs);
  const others = await idleProviders(settings.providers);
  const book = openPriceBook({ ...settings, providers: others });
  return [...own, ...withPrices(compileCatalog(others, modelsOf), book, atMs)].filter(
    ({ price }) => price !== undefined,
  );
}

function catalogOf({ configuration, providers }: Settings): readonly CatalogModel[] {
  const catalog = compileCatalog(providers, modelsOf);
  const listed = new Set(catalog.map(({ provider, model }) => `${provider}/${model}`));
  const pricedOnly = Object.keys(configuration.prices).flatMap((name) => {
    const slash = name.indexOf("/");
    const provider = name.slice(0, slash);
    const isServed = providers.some(({ id }) => id === provider);
    return isServed && !listed.has(name) ? [{ provider, model: name.slice(slash + 1) }] : [];
  });
  return [...catalog, ...pricedOnly];
}

function withPrices(catalog: readonly CatalogModel[], book: PriceBook, atMs: number): ListedModel[] {
  return catalog.map((model) => {
    const price = book.price(model.provider, model.model, atMs);
    return price === undefined ? model : { ...model, price };
  });
}

/** The providers of the price data that are not configured, as if they were. */
async function idleProviders(active: readonly ActiveProvider[]): Promise<readonly ActiveProvider[]> {
  const configured = new Set(active.map(({ id }) => id));
  const ours = [...builtIns.values()].filter(({ priceDataId }) => priceDataId !== undefined);
  const named = new Set(ours.map(({ priceDataId }) => priceDataId));
  const unnamed = (await priceDataIds()).filter((id) => !named.has(id));
  return [
    ...ours.filter(({ id }) => !configured.has(id)).map(({ id, priceDataId = id }) => idle(id, priceDataId)),
    ...unnamed.filter((id) => !configured.has(id)).map((id) => idle(id, id)),
  ];
}

function idle(id: string, priceDataId: string): ActiveProvider {
  const authentication = { scheme: "none" } as const;
  const builtIn = {
    id,
    title: id,
    endpoints: [],
    baseUrl: "",
    authentication,
    keyVariables: [],
    priceDataId,
  };
  return {
    id,
    endpoints: [],
    baseUrl: "",
    authentication,
    keySource: { from: "nowhere" },
    because: "built-in",
    builtIn,
  };
}
