import { createPriceBook, type PriceBook } from "../ledger/prices/price-book.ts";
import type { Provider } from "../model/provider.ts";
import type { Settings } from "./configuration/load-settings.ts";

/** The price book of a configuration: the price data, the operator's own prices over it, and what costs nothing. */
export function openPriceBook({ configuration, providers }: Settings): PriceBook {
  const known = providers.flatMap(({ id, builtIn }) =>
    builtIn?.priceDataId === undefined ? [] : [[id, builtIn.priceDataId] as const],
  );
  return createPriceBook({
    priceDataIds: new Map(known),
    overrides: new Map(Object.entries(configuration.prices)),
    free: new Set(providers.filter(({ builtIn }) => costsNothing(builtIn)).map(({ id }) => id)),
  });
}

function costsNothing(builtIn: Provider | undefined): boolean {
  return builtIn?.local !== undefined || builtIn?.free === true;
}
