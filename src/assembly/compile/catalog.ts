import { nameMatcher } from "../../model/name-pattern.ts";
import type { CatalogModel } from "../../model/snapshot.ts";
import type { ActiveProvider } from "../configuration/active-providers.ts";
import type { KnownModel, ModelsOf } from "./known-model.ts";

/** The models that the providers are known to serve, in the order of the providers. */
export function compileCatalog(
  providers: readonly ActiveProvider[],
  modelsOf: ModelsOf,
): readonly CatalogModel[] {
  return Object.freeze(providers.flatMap((provider) => modelsOfProvider(provider, modelsOf)));
}

function modelsOfProvider({ id, builtIn, settings }: ActiveProvider, modelsOf: ModelsOf): CatalogModel[] {
  const isCollective = nameMatcher(builtIn?.unlisted ?? []);
  const priced = builtIn?.priceDataId === undefined ? [] : modelsOf(builtIn.priceDataId);
  const data = priced.filter(({ id: name }) => !isCollective(name));
  const known = new Map<string, KnownModel>(data.map((model) => [model.id, model]));
  // A written list is the whole list; else whatever is known of the provider.
  const names = settings?.models ?? [...(builtIn?.models ?? []), ...known.keys()];
  return [...new Set(names)].map((model) => {
    const contextWindow = known.get(model)?.contextWindow;
    return Object.freeze({ provider: id, model, ...(contextWindow === undefined ? {} : { contextWindow }) });
  });
}

/** For each bare model name the providers that serve it. */
export function providersByModel(catalog: readonly CatalogModel[]): ReadonlyMap<string, readonly string[]> {
  const providers = new Map<string, string[]>();
  for (const { provider, model } of catalog) {
    const serving = providers.get(model);
    if (serving === undefined) providers.set(model, [provider]);
    else serving.push(provider);
  }
  for (const serving of providers.values()) Object.freeze(serving);
  return providers;
}
