import { nameMatcher } from "../../model/name-pattern.ts";
import type { CatalogModel } from "../../model/snapshot.ts";
import type { ActiveProvider } from "../configuration/active-providers.ts";
import { nameOfModel, type WrittenModel } from "../configuration/provider-section.ts";
import type { KnownModel, ModelsOf } from "./known-model.ts";

/** The models that the providers are known to serve, in the order of the providers. */
export function compileCatalog(
  providers: readonly ActiveProvider[],
  modelsOf: ModelsOf,
): readonly CatalogModel[] {
  return providers.flatMap((provider) => modelsOfProvider(provider, modelsOf));
}

function modelsOfProvider({ id, builtIn, settings }: ActiveProvider, modelsOf: ModelsOf): CatalogModel[] {
  const isCollective = nameMatcher(builtIn?.unlisted ?? []);
  const priced = builtIn?.priceDataId === undefined ? [] : modelsOf(builtIn.priceDataId);
  const data = priced.filter(({ id: name }) => !isCollective(name));
  const known = new Map<string, KnownModel>(data.map((model) => [model.id, model]));
  // A written list is the whole list; else whatever is known of the provider.
  const listed: readonly WrittenModel[] = settings?.models ?? [...(builtIn?.models ?? []), ...known.keys()];
  const models = new Map(
    listed.map((written) => {
      const name = nameOfModel(written);
      return [name, catalogModel(id, written, known.get(name))] as const;
    }),
  );
  return [...models.values()];
}

/** What is written goes before what the price data knows. */
function catalogModel(provider: string, written: WrittenModel, known: KnownModel | undefined): CatalogModel {
  const own = typeof written === "string" ? undefined : written;
  const contextWindow = own?.context_window ?? known?.contextWindow;
  return Object.freeze({
    provider,
    model: nameOfModel(written),
    ...(contextWindow === undefined ? {} : { contextWindow }),
    ...(own?.output_limit === undefined ? {} : { outputLimit: own.output_limit }),
    ...(own?.input === undefined ? {} : { input: own.input }),
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
  return providers;
}
