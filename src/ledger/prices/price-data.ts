import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ModelInfo, Provider } from "@pydantic/genai-prices";
import { compileMatch, type NameMatch, spellOutDate } from "./match-logic.ts";
import { type DataPrice, scheduleOf } from "./package-prices.ts";
import { type PriceSchedule, priceAt } from "./price-schedule.ts";

const PACKAGE = "@pydantic/genai-prices";

/** A model that the price data knows. */
export interface KnownModel {
  readonly id: string;
  /** In tokens; absent where the data does not tell. */
  readonly contextWindow?: number;
}

/** The models of a provider, by its id in the price data; none for an unknown id. */
export function modelsOf(priceDataId: string): KnownModel[] {
  return (providerIndex(priceDataId)?.models ?? []).map(({ id, source }) =>
    source.context_window === undefined ? { id } : { id, contextWindow: source.context_window },
  );
}

/** All prices of a model over time; undefined where the data has no such model, or sells it by units we don't count. */
export function schedulesOf(priceDataId: string, model: string): PriceSchedule<DataPrice> | undefined {
  const name = model.toLowerCase().trim();
  const found = findModel(priceDataId, name) ?? findModel(priceDataId, spellOutDate(name));
  const schedule = found?.schedule();
  return schedule?.some(({ price }) => price !== undefined) === true ? schedule : undefined;
}

/** The price of a model at a moment, in milliseconds since 1970. */
export function priceOf(priceDataId: string, model: string, atMs: number): DataPrice | undefined {
  const schedule = schedulesOf(priceDataId, model);
  return schedule && priceAt(schedule, atMs);
}

/** The ids of all providers in the price data. */
export async function priceDataIds(): Promise<string[]> {
  const providers = await loadPackage().waitForUpdate();
  return (providers ?? []).map((provider) => provider.id);
}

/** The version of the package, hence of the data in it. */
export function priceDataVersion(): string {
  const entry = Bun.resolveSync(PACKAGE, import.meta.dir);
  const manifest: unknown = JSON.parse(readFileSync(join(dirname(entry), "..", "package.json"), "utf8"));
  const hasVersion = typeof manifest === "object" && manifest !== null && "version" in manifest;
  return hasVersion ? String(manifest.version) : "unknown";
}

interface IndexedModel {
  readonly id: string;
  readonly source: ModelInfo;
  readonly matches: NameMatch;
  readonly schedule: () => PriceSchedule<DataPrice>;
}

interface ProviderIndex {
  readonly models: readonly IndexedModel[];
  readonly fallbacks: readonly string[];
}

const indexes = new Map<string, ProviderIndex | undefined>();

/** The provider's own models first, then those of the vendors whose models it resells. */
function findModel(priceDataId: string, name: string): IndexedModel | undefined {
  const index = providerIndex(priceDataId);
  if (index === undefined) return undefined;
  for (const models of [index.models, ...index.fallbacks.map((id) => providerIndex(id)?.models ?? [])]) {
    const found = models.find((model) => model.matches(name));
    if (found !== undefined) return found;
  }
  return undefined;
}

function providerIndex(priceDataId: string): ProviderIndex | undefined {
  if (indexes.has(priceDataId)) return indexes.get(priceDataId);
  const provider = loadPackage().findProvider({ providerId: priceDataId });
  // The package also finds providers by resemblance; a price must not come from a guess.
  const index = provider?.id === priceDataId ? indexProvider(provider) : undefined;
  indexes.set(priceDataId, index);
  return index;
}

function indexProvider(provider: Provider): ProviderIndex {
  return { models: provider.models.map(indexModel), fallbacks: provider.fallback_model_providers ?? [] };
}

function indexModel(source: ModelInfo): IndexedModel {
  let matches: NameMatch | undefined;
  let schedule: PriceSchedule<DataPrice> | undefined;
  return {
    id: source.id,
    source,
    matches: (name) => {
      matches ??= compileMatch(source.match);
      return matches(name);
    },
    schedule: () => {
      schedule ??= scheduleOf(source);
      return schedule;
    },
  };
}

/** Evaluating the data takes tens of milliseconds, so it waits until a price is asked for. */
function loadPackage(): typeof import("@pydantic/genai-prices") {
  return require(PACKAGE);
}
