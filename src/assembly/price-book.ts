import { createPriceBook, type PriceBook } from "../ledger/prices/price-book.ts";
import type { Provider } from "../model/provider.ts";
import type { ActiveProvider } from "./configuration/active-providers.ts";
import type { Settings } from "./configuration/load-settings.ts";

/** The price book of a configuration: the price data, the operator's own prices over it, and what costs nothing. */
export function openPriceBook({ configuration, providers }: Settings): PriceBook {
  return createPriceBook({
    priceDataIds: byProvider(providers, ({ builtIn }) => builtIn?.priceDataId),
    overrides: new Map(Object.entries(configuration.prices)),
    free: new Set(providers.filter(({ builtIn }) => costsNothing(builtIn)).map(({ id }) => id)),
    serviceTiers: byProvider(providers, ({ builtIn }) => builtIn?.serviceTiers),
  });
}

function byProvider<Value>(
  providers: readonly ActiveProvider[],
  read: (provider: ActiveProvider) => Value | undefined,
): ReadonlyMap<string, Value> {
  return new Map(
    providers.flatMap((provider) => {
      const value = read(provider);
      return value === undefined ? [] : [[provider.id, value] as const];
    }),
  );
}

/** True for a provider whose every model is free: local ones, and those that say so. */
export function costsNothing(builtIn: Provider | undefined): boolean {
  return builtIn?.local !== undefined || builtIn?.free === true;
}
