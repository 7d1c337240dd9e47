import type { PriceBook } from "../ledger/prices/price-book.ts";
import { modelsOf } from "../ledger/prices/price-data.ts";
import type { CatalogModel } from "../model/snapshot.ts";
import { compileCatalog } from "./compile/catalog.ts";
import type { Settings } from "./configuration/load-settings.ts";
import { type ListedPrice, listedPrice } from "./list-prices.ts";
import { openPriceBook } from "./price-book.ts";

/** A model with all that is known of it. What is absent is unknown. */
export interface ListedModel extends CatalogModel {
  readonly price?: ListedPrice;
}

/** The models of the configured providers: what is written, what the price data knows, and what the operator priced. */
export function listModels(settings: Settings, atMs: number): readonly ListedModel[] {
  return withPrices(catalogOf(settings), openPriceBook(settings), atMs);
}

function catalogOf({ configuration, providers }: Settings): readonly CatalogModel[] {
  const catalog = compileCatalog(providers, modelsOf);
  const listed = new Set(catalog.map(({ provider, model }) => `${provider}/${model}`));
  const pricedOnly = Object.keys(configuration.prices).flatMap((name) => {
    const slash = name.indexOf("/");
    const provider = name.slice(0, slash);
    const isServed = providers.some(({ id }) => id === provider);
    const isOne = isServed && !listed.has(name) && !name.includes("*");
    return isOne ? [{ provider, model: name.slice(slash + 1) }] : [];
  });
  return [...catalog, ...pricedOnly];
}

function withPrices(catalog: readonly CatalogModel[], book: PriceBook, atMs: number): ListedModel[] {
  return catalog.map((model) => {
    const { provider, model: name, contextWindow = null } = model;
    const price = listedPrice(provider, name, book.price(provider, name, atMs), contextWindow);
    return price === undefined ? model : { ...model, price };
  });
}
