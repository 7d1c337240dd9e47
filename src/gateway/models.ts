import type { Caller } from "../model/caller.ts";
import { GatewayError } from "../model/gateway-error.ts";
import { nameMatcher } from "../model/name-pattern.ts";
import { OPERATIONS, type Operation } from "../model/operation.ts";
import type { CatalogModel, Route, Snapshot, WeightedTarget } from "../model/snapshot.ts";
import { targetName } from "../model/target-name.ts";
import type { KnownCaller } from "../policy/identity/key-directory.ts";
import { waysOf } from "../routing/arms.ts";
import { directRoute } from "../routing/direct-route.ts";
import { neededOperation } from "../routing/resolve.ts";
import { targetOf } from "../routing/target.ts";
import { permittedMembers } from "./admission/permitted-members.ts";

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
  /** What the caller may ask it for. */
  readonly operations: readonly Operation[];
}

/** The models that a caller may use: routes first, then what the providers are known to serve. */
export function listModels(snapshot: Snapshot, caller: KnownCaller): ListedModel[] {
  const mayDo = permittedOperations(caller);
  const routes = [...snapshot.routes.values()].map((route) => listedRoute(route, caller));
  const models = snapshot.catalog.flatMap((model) => listedModel(snapshot, model, caller) ?? []);
  return [...routes, ...models]
    .map((model) => ({ ...model, operations: model.operations.filter(mayDo) }))
    .filter(({ operations }) => operations.length > 0);
}

/** One model by any name that a request could give it. Throws `unknown_model`. */
export function findModel(snapshot: Snapshot, caller: KnownCaller, name: string): ListedModel {
  const candidates = [name, ...(snapshot.providersByModel.get(name) ?? []).map((p) => targetName(p, name))];
  const found = listModels(snapshot, caller).find((model) => candidates.includes(model.name));
  if (found !== undefined) return found;
  throw new GatewayError("unknown_model", { message: `There is no model "${name}" here.`, field: "model" });
}

/** Where a route divides its calls among several ways the caller does not choose: it may ask for what all of them serve. */
function listedRoute(route: Route, caller: KnownCaller): ListedModel {
  const ways = waysOf(route);
  const permitted = ways.map((way) => permittedMembers(caller, way));
  const served = permitted.map((members) => new Set(members.flatMap(operationsOf)));
  const operations = OPERATIONS.filter((operation) => served.every((some) => some.has(operation)));
  return { name: route.alias, owner: "gatehouse", ...sizesOf(ways, permitted), operations };
}

/**
 * What fits whichever way is taken. A prompt goes to a target of the way that takes it, so the largest window counts there;
 * an answer may come from any, so the smallest limit does. Targets with a condition count where there are no others.
 */
function sizesOf(
  ways: readonly Route[],
  permitted: readonly (readonly WeightedTarget[])[],
): Pick<ListedModel, "contextWindow" | "outputLimit"> {
  const usual = ways.map((way, index) => {
    const members = permitted[index] ?? [];
    const free = members.filter(({ when, tier }) => (when ?? way.tiers[tier]?.when) === undefined);
    return (free.length > 0 ? free : members).map(({ target }) => target.known);
  });
  const windows = usual.map((known) =>
    bound(
      Math.max,
      known.map((model) => model?.contextWindow),
    ),
  );
  const contextWindow = windows.includes(undefined) ? undefined : bound(Math.min, windows);
  const outputLimit = bound(
    Math.min,
    usual.flat().map((model) => model?.outputLimit),
  );
  return {
    ...(contextWindow !== undefined && { contextWindow }),
    ...(outputLimit !== undefined && { outputLimit }),
  };
}

/** The greatest or least of those that are known. */
function bound(
  choose: (...sizes: number[]) => number,
  sizes: readonly (number | undefined)[],
): number | undefined {
  const known = sizes.filter((size) => size !== undefined);
  return known.length === 0 ? undefined : choose(...known);
}

/** Undefined for a model of a provider that is not configured. */
function listedModel(snapshot: Snapshot, known: CatalogModel, caller: KnownCaller): ListedModel | undefined {
  const { provider, model, contextWindow, outputLimit } = known;
  const upstream = snapshot.upstreams.get(provider);
  if (upstream === undefined) return undefined;
  const route = directRoute(targetOf(upstream, model), snapshot.translation);
  return {
    name: targetName(provider, model),
    owner: provider,
    ...(contextWindow !== undefined && { contextWindow }),
    ...(outputLimit !== undefined && { outputLimit }),
    operations: [...new Set(permittedMembers(caller, route).flatMap(operationsOf))],
  };
}

function operationsOf({ target: { endpoints } }: WeightedTarget): readonly Operation[] {
  return OPERATIONS.filter((operation) => endpoints[neededOperation(operation)] !== undefined);
}

function permittedOperations({ policies }: Caller): (operation: Operation) => boolean {
  const all = policies.flatMap(({ policy }) =>
    policy.operations === undefined ? [] : [nameMatcher(policy.operations)],
  );
  return (operation) => all.every((permits) => permits(operation));
}
