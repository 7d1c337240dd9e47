import type { Route } from "../model/snapshot.ts";
import { grantBudget } from "./admission/budget-grant.ts";
import { expectedInput } from "./admission/expected-input.ts";
import { permittedPart } from "./admission/permitted-part.ts";
import { pricedTargets } from "./admission/priced-targets.ts";
import { StreamAllowance } from "./admission/stream-allowance.ts";
import type { LiveCall } from "./live-call.ts";

/**
 * Asks the policies over the caller: which targets may serve, a place among the calls in flight, room in the rate
 * limits, money in the budgets. Throws one of the policy's errors, before any byte goes to a provider. Gives a promise
 * only where a budget must be asked.
 */
export function admit(call: LiveCall, route: Route): Route | Promise<Route> {
  const { parts, caller, request } = call;
  const permitted = permittedPart(caller, request.operation, route);
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
  const priced = pricedTargets(parts.prices, route, Date.now());
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
