import { targetName } from "../../model/target-name.ts";
import type { ActiveProvider } from "../configuration/active-providers.ts";
import { nameOfModel } from "../configuration/provider-section.ts";

/** For each provider the model that it is asked for where a call names none. */
export function compileDefaultModels(providers: readonly ActiveProvider[]): ReadonlyMap<string, string> {
  const models = new Map<string, string>();
  for (const { id, builtIn, settings } of providers) {
    // A provider with a written list serves no model outside it.
    const [first] = settings?.models ?? [];
    const usual = first === undefined ? builtIn?.defaultModel : nameOfModel(first);
    const model = settings?.default_model ?? usual;
    if (model !== undefined) models.set(id, model);
  }
  return models;
}

/** The model where a call names neither provider nor model: as written, else the first provider's that has one. */
export function compileDefaultModel(
  written: string | undefined,
  providers: readonly ActiveProvider[],
  defaultModels: ReadonlyMap<string, string>,
): string | undefined {
  if (written !== undefined) return written;
  const candidates = providers.filter(({ id }) => defaultModels.has(id));
  // A provider that only answers by itself is the last resort.
  const first = candidates.find(({ builtIn }) => builtIn?.local === undefined) ?? candidates[0];
  const model = first && defaultModels.get(first.id);
  return first && model && targetName(first.id, model);
}
