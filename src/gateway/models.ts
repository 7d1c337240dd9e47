import { GatewayError } from "../model/gateway-error.ts";
import type { CatalogModel, Snapshot } from "../model/snapshot.ts";
import { targetName } from "../model/target-name.ts";
import type { KnownCaller } from "../policy/identity/key-directory.ts";

/** A model that a caller may name. */
export interface ListedModel {
  /** A route's alias or `provider/model`. */
  readonly name: string;
  /** Who answers: the provider, or `gatehouse` for a route. */
  readonly owner: string;
  /** In tokens; absent where unknown. */
  readonly contextWindow?: number;
  /** The most tokens of an answer; absent where unknown. */
  readonly outputLimit?: number;
}

/** The models that a caller may use: routes first, then what the providers are known to serve. */
export function listModels(snapshot: Snapshot, caller: KnownCaller): ListedModel[] {
  const routes = [...snapshot.routes.keys()].map((name) => ({ name, owner: "gatehouse" }));
  return [...routes, ...snapshot.catalog.map(listed)].filter(({ name }) => caller.mayUse(name));
}

/** One model by any name that a request could give it. Throws `unknown_model`. */
export function findModel(snapshot: Snapshot, caller: KnownCaller, name: string): ListedModel {
  const candidates = [name, ...(snapshot.providersByModel.get(name) ?? []).map((p) => targetName(p, name))];
  const found = listModels(snapshot, caller).find((model) => candidates.includes(model.name));
  if (found !== undefined) return found;
  throw new GatewayError("unknown_model", { message: `There is no model "${name}" here.`, field: "model" });
}

function listed({ provider, model, contextWindow, outputLimit }: CatalogModel): ListedModel {
  return {
    name: targetName(provider, model),
    owner: provider,
    ...(contextWindow !== undefined && { contextWindow }),
    ...(outputLimit !== undefined && { outputLimit }),
  };
}
