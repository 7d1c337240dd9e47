import type { Policy } from "../model/policy.ts";
import type { Route, Target, TranslationMode } from "../model/snapshot.ts";
import { USUAL_SETTINGS, USUAL_TIER } from "./usual-settings.ts";

const DIRECT_TIERS = Object.freeze([USUAL_TIER]);

const routes: { readonly [M in TranslationMode]: WeakMap<Target, Route> } = {
  warn: new WeakMap(),
  strict: new WeakMap(),
};

/** The route of calls that name a target: to that one alone. Made once for each. */
export function directRoute(target: Target, translation: TranslationMode): Route {
  const known = routes[translation].get(target);
  if (known !== undefined) return known;
  const route = Object.freeze({
    alias: target.name,
    translation,
    tiers: DIRECT_TIERS,
    targets: Object.freeze([Object.freeze({ target, weight: 1, tier: 0 })]),
    settings: USUAL_SETTINGS,
  });
  routes[translation].set(target, route);
  return route;
}

/**
 * The target of a call that leaves nothing to choose: it names one, which has one credential without a bound, and no
 * policy says where it may go. Such calls need no plan. Undefined for all others.
 */
export function onlyTarget({ tiers, targets }: Route, policies: readonly Policy[]): Target | undefined {
  if (tiers !== DIRECT_TIERS) return undefined;
  const target = targets[0]?.target;
  const isOne = target?.upstream.pool === undefined && target?.upstream.maxInFlight === undefined;
  return isOne && !policies.some(bindsTargets) ? target : undefined;
}

function bindsTargets({ providers, regions }: Policy): boolean {
  return providers !== undefined || regions !== undefined;
}
