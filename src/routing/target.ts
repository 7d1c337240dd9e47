import type { Feature } from "../model/loss.ts";
import { nameMatcher } from "../model/name-pattern.ts";
import type { Operation } from "../model/operation.ts";
import type { FamilyQuirks, Quirks } from "../model/quirks.ts";
import type { Target, TargetEndpoint, Upstream, UpstreamEndpoint } from "../model/snapshot.ts";
import { targetName } from "../model/target-name.ts";

/** Names of models come from requests, so what is kept of them has a bound. */
const MAX_KEPT = 1_000;

const kept = new WeakMap<Upstream, Map<string, Target>>();

/** A provider's model as a target, everything about it worked out once. */
export function targetOf(upstream: Upstream, model: string): Target {
  const known = kept.get(upstream)?.get(model);
  if (known !== undefined) return known;
  const target = compileTarget(upstream, model);
  const targets = kept.get(upstream) ?? new Map<string, Target>();
  if (targets.size >= MAX_KEPT) targets.clear();
  kept.set(upstream, targets.set(model, target));
  return target;
}

function compileTarget(upstream: Upstream, model: string): Target {
  const known = upstream.knownModels?.get(model);
  return Object.freeze({
    upstream,
    model,
    name: targetName(upstream.provider, model),
    endpoints: endpointsOf(upstream, model),
    quirks: quirksOf(upstream.quirks, model),
    ...(known === undefined ? {} : { known }),
  });
}

function endpointsOf(upstream: Upstream, model: string): Target["endpoints"] {
  const byOperation: { [O in Operation]?: TargetEndpoint[] } = {};
  for (const endpoint of upstream.endpoints) {
    if (!serves(endpoint, model)) continue;
    const { operation, dialect, url, streamUrl, singleUrl, adaptation } = endpoint;
    const endpoints = byOperation[operation] ?? [];
    byOperation[operation] = endpoints;
    endpoints.push({
      dialect,
      url: urlFor(url, model),
      streamUrl: urlFor(streamUrl, model),
      ...(singleUrl !== undefined && { singleUrl: urlFor(singleUrl, model) }),
      ...(adaptation && { adaptation }),
    });
  }
  return byOperation;
}

function serves({ models, exceptModels = [] }: UpstreamEndpoint, model: string): boolean {
  return (models === undefined || nameMatcher(models)(model)) && !nameMatcher(exceptModels)(model);
}

/** A model's name is the client's: escaped, it can't leave its place in the path. */
function urlFor(template: string, model: string): string {
  if (!template.includes("{model}")) return template;
  return template.replaceAll("{model}", () => encodeURIComponent(model.toWellFormed()));
}

/**
 * All that fit hold, the later of a kind before the earlier: what one lacks a later one may have, and the reverse. A
 * list of what is lacking may be shared by many, so within one family what it has goes before.
 */
function quirksOf(families: readonly FamilyQuirks[], model: string): Quirks {
  const fitting = families.filter(({ models }) => models === undefined || nameMatcher(models)(model));
  const lacks = new Set<Feature>();
  const has = new Set<Feature>();
  for (const family of fitting) {
    move(family.lacks, has, lacks);
    move(family.has, lacks, has);
  }
  const merged: Quirks = Object.assign({}, ...fitting.map(withoutLists));
  return Object.freeze({
    ...merged,
    ...(lacks.size > 0 && { lacks: [...lacks] }),
    ...(has.size > 0 && { has: [...has] }),
  });
}

function move(features: readonly Feature[] | undefined, from: Set<Feature>, to: Set<Feature>): void {
  for (const feature of features ?? []) {
    from.delete(feature);
    to.add(feature);
  }
}

function withoutLists({ models: _models, lacks: _lacks, has: _has, ...quirks }: FamilyQuirks): Quirks {
  return quirks;
}
