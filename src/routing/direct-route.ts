import type { Caller } from "../model/caller.ts";
import type { ScopedPolicy } from "../model/policy.ts";
import type { Tier } from "../model/route-settings.ts";
import type { Route, Target, TranslationMode } from "../model/snapshot.ts";
import { USUAL_SETTINGS, USUAL_TIER } from "./usual-settings.ts";

const DIRECT_TIERS: readonly Tier[] = [USUAL_TIER];

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
    targets: [Object.freeze({ target, weight: 1, tier: 0 })],
    settings: USUAL_SETTINGS,
  });
  routes[translation].set(target, route);
  return route;
}

/**
 * The target of a call that leaves nothing to choose: its route has one, with one credential, is no arm of another, and
 * says nothing of when it may be used; nor does a policy. Undefined for all others.
 */
export function onlyTarget({ targets, tiers, arm }: Route, { policies }: Caller): Target | undefined {
  const [member] = targets;
  if (targets.length !== 1 || member === undefined || arm !== undefined) return undefined;
  const isFree = member.when === undefined && tiers[member.tier]?.when === undefined;
  const isOne = isFree && member.target.upstream.pool === undefined;
  return isOne && !policies.some(bindsRegions) ? member.target : undefined;
}

/** What else a policy says was asked at admission. */
function bindsRegions({ policy }: ScopedPolicy): boolean {
  return policy.regions !== undefined;
}
