import type { Need } from "../model/condition.ts";
import type { ScopedPolicy } from "../model/policy.ts";
import type { Route, WeightedTarget } from "../model/snapshot.ts";
import type { Writable } from "../model/writable.ts";
import { type Access, type AccessRequest, bestAccess, wasTried } from "./access.ts";
import { conditionHolds } from "./conditions/condition-holds.ts";
import { lackingOf } from "./filters/capability.ts";
import { filters } from "./filters/index.ts";
import { Rating, UNRATED } from "./rating.ts";
import type { RequestFacts } from "./request-facts.ts";
import type { RouteState } from "./route-state.ts";
import { seededRandom } from "./seeded-random.ts";
import { keepStanding } from "./standing.ts";
import { strategies } from "./strategies/index.ts";
import type { Candidate } from "./strategies/strategy.ts";
import type { TargetStates } from "./target-states.ts";

/** What a choice is made from. Nothing of it is changed by looking. */
export interface ChoiceRequest {
  readonly route: Route;
  /** Those of its targets that the caller's policies and budgets leave. */
  readonly permitted: readonly WeightedTarget[];
  readonly facts: RequestFacts;
  readonly states: TargetStates;
  readonly routeState: RouteState;
  /** Decides what chance decides, the same way at each asking: the request's id. */
  readonly seed: string;
}

/** A target that is not tried, and why, as the rest of a sentence about it. */
export interface PassedOver {
  readonly member: WeightedTarget;
  readonly because: string;
}

/** A route's targets as the request divides them. */
export interface Sorted {
  /** By tier: those that may serve it. */
  readonly fit: readonly (readonly WeightedTarget[])[];
  /** Those that would do worse, the best of them first. */
  readonly unfit: readonly PassedOver[];
  /** Those that must not be used. */
  readonly forbidden: readonly PassedOver[];
}

/** One that may serve, how the strategy ranks it, and how it could be called now. */
export interface Ranked extends Candidate, Access {
  /** The lowest is tried first. */
  readonly score: number;
  /** By chance; decides between equals. */
  readonly draw: number;
}

/** Divides a route's targets by what they are and what is asked. */
export function sortTargets(request: ChoiceRequest): Sorted {
  const { route, permitted, facts } = request;
  const outline = outlineOf(route);
  if (permitted.length === route.targets.length && meetsNoFilter(outline, facts)) return outline.allFit;
  return judged(request);
}

/** What a route's targets have that could keep them from serving a request. */
interface RouteOutline {
  readonly hasConditions: boolean;
  /** What at least one of them is known to lack. */
  readonly lacking: readonly Need[];
  /** In tokens; infinite where none is known. */
  readonly smallestWindow: number;
  readonly allFit: Sorted;
}

const outlines = new WeakMap<Route["targets"], RouteOutline>();

/** Made once for each route of a configuration: most requests meet none of its filters, and needn't ask them. */
function outlineOf(route: Route): RouteOutline {
  const known = outlines.get(route.targets);
  if (known !== undefined) return known;
  const { targets, tiers } = route;
  const windows = targets.map(({ target }) => target.known?.contextWindow ?? Number.POSITIVE_INFINITY);
  const outline = {
    hasConditions: [...targets, ...tiers].some(({ when }) => when !== undefined),
    lacking: [...new Set(targets.flatMap(({ target }) => lackingOf(target)))],
    smallestWindow: Math.min(...windows),
    allFit: {
      fit: tiers.map((_, tier) => targets.filter((member) => member.tier === tier)),
      unfit: [],
      forbidden: [],
    },
  };
  for (const members of outline.allFit.fit) keepStanding(members);
  outlines.set(route.targets, outline);
  return outline;
}

function meetsNoFilter(
  { hasConditions, lacking, smallestWindow }: RouteOutline,
  facts: RequestFacts,
): boolean {
  return (
    !hasConditions &&
    facts.bodyBytes <= smallestWindow &&
    !facts.policies.some(bindsTargets) &&
    !lacking.some((need) => facts.mayNeed(need))
  );
}

function bindsTargets({ policy: { providers, regions, budgets } }: ScopedPolicy): boolean {
  return providers !== undefined || regions !== undefined || budgets !== undefined;
}

function judged({ route, permitted, facts }: ChoiceRequest): Sorted {
  const fit: WeightedTarget[][] = route.tiers.map(() => []);
  const unfit: PassedOver[] = [];
  const forbidden: PassedOver[] = [];
  const holds = route.tiers.map(({ when }) => when === undefined || conditionHolds(when, facts));
  for (const member of route.targets) {
    if (holds[member.tier] === false) {
      forbidden.push({ member, because: "the condition of its tier does not hold" });
      continue;
    }
    const found = faultOf(member, facts);
    const isSettled = found?.kind === "forbidden" || permitted.includes(member);
    const fault = isSettled ? found : NOT_PERMITTED;
    if (fault === undefined) fit[member.tier]?.push(member);
    else if (fault.kind === "unfit") unfit.push({ member, because: fault.because });
    else forbidden.push({ member, because: fault.because });
  }
  return { fit, unfit: unfit.sort(byWindow), forbidden };
}

/** The filters say why, where they know; but it is what the policies say that holds. */
const NOT_PERMITTED = { kind: "forbidden", because: "the policy does not allow it" } as const;

function faultOf(member: WeightedTarget, facts: RequestFacts) {
  let unfit: { readonly kind: "unfit"; readonly because: string } | undefined;
  for (const filter of filters) {
    if (filter.kind === "unfit" && unfit !== undefined) continue;
    const because = filter.because(member, facts);
    if (because === undefined) continue;
    if (filter.kind === "forbidden") return { kind: filter.kind, because } as const;
    unfit = { kind: filter.kind, because };
  }
  return unfit;
}

/** Of those that are too small the largest may still do. */
function byWindow(one: PassedOver, other: PassedOver): number {
  return windowOf(other) - windowOf(one);
}

function windowOf({ member }: PassedOver): number {
  return member.target.known?.contextWindow ?? Number.POSITIVE_INFINITY;
}

/**
 * A tier's targets: those that are well with what its strategy makes of them, in no particular order, and those that
 * rest. Those of which every way was tried are not among them.
 */
export function rankTier(
  request: ChoiceRequest,
  tier: number,
  members: readonly WeightedTarget[],
  access: AccessRequest,
): { readonly well: Ranked[]; readonly resting: readonly Ranked[] } {
  const well: Considered[] = [];
  const resting: Ranked[] = [];
  for (const member of members) {
    const considered = consider(member, access);
    if (considered === undefined) continue;
    if (considered.rest === undefined) well.push(considered);
    else resting.push(considered);
  }
  if (well.length > 1) rank(request, tier, well);
  return { well, resting };
}

/** Most have one way to be called: for those there is nothing to compare, and no object but this one to make. */
function consider(member: WeightedTarget, request: AccessRequest): Considered | undefined {
  const { target } = member;
  if (target.upstream.pool !== undefined) {
    const best = bestAccess(member, request);
    return best && { member, ...best, learnt: best.state.learnt, score: 0, draw: 0 };
  }
  if (wasTried(target, request.tried)) return undefined;
  const state = request.states.of(target);
  const rest = state.rest(request.nowMs, request.prompt);
  return { member, target, state, rest, learnt: state.learnt, score: 0, draw: 0 };
}

type Considered = Writable<Ranked>;

function rank(request: ChoiceRequest, tier: number, candidates: readonly Considered[]): void {
  const { scores, draws } = rate(request, tier, candidates);
  let place = 0;
  for (const candidate of candidates) {
    candidate.score = scores[place] ?? 0;
    candidate.draw = draws[place++] ?? 0;
  }
}

/** What the strategy makes of each candidate, and what chance draws for it. */
export function rate(request: ChoiceRequest, tier: number, candidates: readonly Candidate[]): Rating {
  const settings = request.route.tiers[tier];
  if (settings === undefined || candidates.length < 2) return UNRATED;
  const { facts, routeState, seed } = request;
  const random = seededRandom(`${seed}/${tier}`);
  const memory = routeState.memoryOf(tier);
  const scores = strategies[settings.strategy].score(candidates, { tier: settings, facts, memory, random });
  return new Rating(candidates, scores, random);
}

/** Orders by score; of equals chance decides. */
export function compareRanked(one: Ranked, other: Ranked): number {
  // Infinities differ from each other by NaN.
  return one.score === other.score ? one.draw - other.draw : one.score - other.score;
}
