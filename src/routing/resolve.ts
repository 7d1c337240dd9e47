import { GatewayError } from "../model/gateway-error.ts";
import type { Operation } from "../model/operation.ts";
import type { Route, Snapshot, Upstream } from "../model/snapshot.ts";
import { targetName } from "../model/target-name.ts";
import { directRoute } from "./direct-route.ts";
import { targetOf } from "./target.ts";

/** No vendor's names come near; a longer one would fill headers, rows and metrics with what a client made up. */
const MAX_NAME_CHARACTERS = 512;

/**
 * What a model's name stands for: a route's alias, `provider/model`, `provider/` (that provider's default model), a
 * bare name that exactly one provider is known to serve, or nothing at all (the default model).
 * Throws `unknown_model` or `ambiguous_model`, saying what there is instead.
 */
export function resolve(snapshot: Snapshot, name: string, operation: Operation): Route {
  if (name.length > MAX_NAME_CHARACTERS) {
    throw new GatewayError("unknown_model", {
      message: `The model's name is longer than ${MAX_NAME_CHARACTERS} characters.`,
      field: "model",
    });
  }
  return capablePart(snapshot.routes.get(name) ?? routeOf(snapshot, name), name, operation);
}

/** The part of a route that serves an operation. Throws `unknown_model` where there is none. */
export function capablePart(route: Route, name: string, operation: Operation): Route {
  const part = partOf(route, neededOperation(operation));
  if (part.targets.length > 0) return part;
  throw new GatewayError("unknown_model", {
    message: `"${name}" is not served for the operation "${operation}".`,
  });
}

const partByOperation = new WeakMap<Route, Map<Operation, Route>>();

/**
 * With those of a route's targets that serve an operation; the route itself where all do. Made once for each: what is
 * kept of a route goes by its object.
 */
function partOf(route: Route, operation: Operation): Route {
  const known = partByOperation.get(route);
  const found = known?.get(operation);
  if (found !== undefined) return found;
  const targets = route.targets.filter(({ target }) => target.endpoints[operation] !== undefined);
  const part = targets.length === route.targets.length ? route : { ...route, targets };
  partByOperation.set(route, (known ?? new Map()).set(operation, part));
  return part;
}

/**
 * What a target must serve to be asked for an operation: where a provider counts no tokens they are estimated, so whoever
 * chats can be asked for a count.
 */
export function neededOperation(operation: Operation): Operation {
  return operation === "count-tokens" ? "chat" : operation;
}

function routeOf(snapshot: Snapshot, name: string): Route {
  if (name === "") return defaultRoute(snapshot);
  const slash = name.indexOf("/");
  const upstream = slash === -1 ? undefined : snapshot.upstreams.get(name.slice(0, slash));
  if (upstream !== undefined) return providerRoute(snapshot, upstream, name.slice(slash + 1));
  const providers = snapshot.providersByModel.get(name) ?? [];
  const [only] = providers;
  if (only === undefined) throw unknownModel(snapshot, name);
  if (providers.length > 1) {
    const names = providers.map((provider) => `"${targetName(provider, name)}"`).join(" or ");
    throw new GatewayError("ambiguous_model", {
      message: `"${name}" is served by several providers.`,
      mend: `Say which: ${names}.`,
      field: "model",
    });
  }
  const single = snapshot.upstreams.get(only);
  if (single === undefined) throw unknownModel(snapshot, name);
  return singleTarget(snapshot, single, name);
}

function providerRoute(snapshot: Snapshot, upstream: Upstream, model: string): Route {
  const named = model === "" ? snapshot.defaultModels.get(upstream.provider) : model;
  if (named !== undefined) return singleTarget(snapshot, upstream, named);
  throw new GatewayError("unknown_model", {
    message: `The provider "${upstream.provider}" has no default model.`,
    mend: `Name a model of it, or set \`providers.${upstream.provider}.default_model\`.`,
    field: "model",
  });
}

function defaultRoute(snapshot: Snapshot): Route {
  if (snapshot.defaultModel !== undefined) return resolveNamed(snapshot, snapshot.defaultModel);
  throw new GatewayError("unknown_model", {
    message: "The request names no model, and this gateway has no default.",
    mend: "Name a model as `provider/model`, or set `default_model` in the configuration.",
    field: "model",
  });
}

function resolveNamed(snapshot: Snapshot, name: string): Route {
  return snapshot.routes.get(name) ?? routeOf(snapshot, name);
}

function singleTarget(snapshot: Snapshot, upstream: Upstream, model: string): Route {
  // In an address, these two would be steps up and none.
  if (model === "." || model === "..") throw unknownModel(snapshot, model);
  return directRoute(targetOf(upstream, model), snapshot.translation);
}

function unknownModel(snapshot: Snapshot, name: string): GatewayError {
  const providers = [...snapshot.upstreams.keys()].join(", ");
  return new GatewayError("unknown_model", {
    message: `No configured provider is known to serve "${name}".`,
    mend: `Name it \`provider/model\`. Providers here: ${providers}. GET /v1/models lists models.`,
    field: "model",
  });
}
