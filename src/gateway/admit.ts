import type { ModelPrice } from "../ledger/prices/model-price.ts";
import type { Caller } from "../model/caller.ts";
import { GatewayError } from "../model/gateway-error.ts";
import { nameMatcher } from "../model/name-pattern.ts";
import type { Route, WeightedTarget } from "../model/snapshot.ts";
import { permittedTargets } from "../policy/permitted-targets.ts";
import { grantBudget } from "./admission/budget-grant.ts";
import { expectedInput } from "./admission/expected-input.ts";
import { StreamAllowance } from "./admission/stream-allowance.ts";
import type { LiveCall } from "./live-call.ts";

/**
 * Asks the policies over the caller: which targets may serve, a place among the calls in flight, room in the rate
 * limits, money in the budgets. Throws one of the policy's errors, before any byte goes to a provider. Gives a promise
 * only where a budget must be asked.
 */
export function admit(call: LiveCall, route: Route): Route | Promise<Route> {
  const permitted = permittedPart(call, route);
  const { parts, caller, request } = call;
  const cap = outputCap(call, permitted);
  if (cap.ofPolicy !== undefined && cap.ofPolicy < (request.maxOutputTokens ?? Number.POSITIVE_INFINITY))
    call.boundOutput(cap.ofPolicy, "the most that the policy allows");
  call.admit(parts.admissions.admit(caller, expectedUnits(call, permitted, cap.tokens), Date.now()));
  // To be told how many tokens a request would take costs nothing.
  const isFree = request.operation === "count-tokens";
  return !isFree && parts.budgets.bind(caller) ? withBudget(call, permitted, cap.tokens) : permitted;
}

const NOTHING = { inputTokens: 0, outputTokens: 0 };

/** Counting tokens costs, so it is done only where a limit counts them. */
function expectedUnits({ parts, caller, request }: LiveCall, route: Route, cap: number | undefined) {
  if (!parts.rates.countTokens(caller)) return NOTHING;
  const usual = parts.forecast.usual(caller.keyId, modelOf(route)) ?? 0;
  const outputTokens = Math.min(cap ?? Number.POSITIVE_INFINITY, usual) * (request.choices ?? 1);
  return { inputTokens: expectedInput(request).tokens, outputTokens };
}

async function withBudget(call: LiveCall, route: Route, cap: number | undefined): Promise<Route> {
  const { parts, caller, request } = call;
  const priced = pricedTargets(call, route);
  const { tokensHigh, parts: special } = expectedInput(request);
  const model = modelOf(route);
  const isGenerating = request.operation === "chat";
  const order = {
    prices: priced.map(({ price }) => price),
    use: { inputTokensHigh: tokensHigh, parts: special },
    choices: request.choices ?? 1,
    cap: isGenerating ? cap : 0,
    usual: parts.forecast.usual(caller.keyId, model),
    isCountable: request.stream && !parts.forecast.hidesOutput(caller.keyId, model),
  };
  const asking = { caller, budgets: parts.budgets, failure: () => call.guard.failure };
  const grant = await grantBudget(asking, order);
  call.holdMoney(grant.hold);
  if (grant.bound !== undefined && isGenerating)
    call.boundOutput(
      grant.bound,
      request.maxOutputTokens === undefined ? undefined : "what the budget has left",
    );
  if (order.isCountable) call.allow((admission) => new StreamAllowance(admission, order, grant.outputTokens));
  return { ...route, targets: priced.map(({ member }) => member) };
}

interface PricedTarget {
  readonly member: WeightedTarget;
  readonly price: ModelPrice;
}

/** A budget can't be kept for what has no price. Throws `unpriced_model` where nothing is left. */
function pricedTargets({ parts }: LiveCall, { alias, targets }: Route): readonly PricedTarget[] {
  const nowMs = Date.now();
  const priced = targets.flatMap((member): PricedTarget[] => {
    const price = parts.prices.price(member.target.upstream.provider, member.target.model, nowMs);
    return price === undefined ? [] : [{ member, price }];
  });
  if (priced.length > 0) return priced;
  throw new GatewayError("unpriced_model", {
    message: `"${alias}" has no price, and this key has a budget.`,
    field: "model",
  });
}

/** The most tokens that one answer may have, by caller, policies and models; undefined where none of them says. */
function outputCap(
  { caller, request }: LiveCall,
  { targets }: Route,
): { readonly tokens: number | undefined; readonly ofPolicy: number | undefined } {
  let ofPolicy: number | undefined;
  for (const { policy } of caller.policies) ofPolicy = lesser(ofPolicy, policy.maxOutputTokens);
  return { tokens: lesser(lesser(request.maxOutputTokens, ofPolicy), capOfModels(targets)), ofPolicy };
}

/** The greatest that one of the targets gives; undefined where one of them may give any number. */
function capOfModels(targets: Route["targets"]): number | undefined {
  let greatest = 0;
  for (const { target } of targets) {
    if (target.quirks.outputLimit === undefined) return undefined;
    greatest = Math.max(greatest, target.quirks.outputLimit);
  }
  return greatest;
}

function lesser(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined ? other : other === undefined ? one : Math.min(one, other);
}

/** What answers are learnt under: a route's alias, or its one target. */
function modelOf({ alias }: Route): string {
  return alias;
}

/**
 * Each policy over the caller allows a route by its alias, or in part by its targets' names, and may bind providers and
 * operations besides.
 */
function permittedPart(call: LiveCall, route: Route): Route {
  const { caller, request } = call;
  refuseOperation(caller, request.operation);
  const targets = permittedTargets(caller, route);
  if (targets === route.targets) return route;
  if (targets.length > 0) return { ...route, targets };
  throw new GatewayError("model_not_allowed", {
    message: `This key may not use "${route.alias}".`,
    mend: `It may use: ${permittedNames(caller)}. GET /v1/models lists models.`,
    field: "model",
  });
}

function refuseOperation({ policies }: Caller, operation: string): void {
  for (const { scope, id, policy } of policies) {
    if (policy.operations === undefined || nameMatcher(policy.operations)(operation)) continue;
    throw new GatewayError("operation_not_allowed", {
      message: `The ${scope} "${id}" may not use the operation "${operation}".`,
      mend: `It may use: ${policy.operations.join(", ") || "none"}.`,
    });
  }
}

/** The patterns of every policy that has some; a model must fit one of each. */
function permittedNames({ policies }: Caller): string {
  return policies
    .flatMap(({ policy }) => (policy.models === undefined ? [] : [policy.models.join(", ") || "nothing"]))
    .join("; of these only: ");
}
