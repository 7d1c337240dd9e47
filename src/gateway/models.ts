import { GatewayError } from "../model/gateway-error.ts";
import type { Operation } from "../model/operation.ts";
import type { CatalogModel, Route, Snapshot, Target } from "../model/snapshot.ts";
import { targetName } from "../model/target-name.ts";
import type { KnownCaller } from "../policy/identity/key-directory.ts";
import { targetOf } from "../routing/target.ts";

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
  /** What it can be asked for. */
  readonly operations: readonly Operation[];
}

/** The models that a caller may use: routes first, then what the providers are known to serve. */
export function listModels(snapshot: Snapshot, caller: KnownCaller): ListedModel[] {
  const routes = [...snapshot.routes.values()].map(listedRoute);
  return [...routes, ...snapshot.catalog.map((model) => listed(snapshot, model))].filter(({ name }) =>
    caller.mayUse(name),
  );
}

/** One model by any name that a request could give it. Throws `unknown_model`. */
export function findModel(snapshot: Snapshot, caller: KnownCaller, name: string): ListedModel {
  const candidates = [name, ...(snapshot.providersByModel.get(name) ?? []).map((p) => targetName(p, name))];
  const found = listModels(snapshot, caller).find((model) => candidates.includes(model.name));
  if (found !== undefined) return found;
  throw new GatewayError("unknown_model", { message: `There is no model "${name}" here.`, field: "model" });
}

function listedRoute({ alias, targets }: Route): ListedModel {
  const operations = new Set(targets.flatMap(({ target }) => operationsOf(target)));
  return { name: alias, owner: "gatehouse", operations: [...operations] };
}

function listed(snapshot: Snapshot, known: CatalogModel): ListedModel {
  const { provider, model, contextWindow, outputLimit } = known;
  const upstream = snapshot.upstreams.get(provider);
  return {
    name: targetName(provider, model),
    owner: provider,
    ...(contextWindow !== undefined && { contextWindow }),
    ...(outputLimit !== undefined && { outputLimit }),
    operations: upstream === undefined ? [] : operationsOf(targetOf(upstream, model)),
  };
}

function operationsOf({ endpoints }: Target): readonly Operation[] {
  return (Object.keys(endpoints) as Operation[]).filter((operation) => endpoints[operation] !== undefined);
}
