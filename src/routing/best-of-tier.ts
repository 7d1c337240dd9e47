import type { WeightedTarget } from "../model/snapshot.ts";
import type { AccessRequest } from "./access.ts";
import { type ChoiceRequest, type Ranked, type Rated, rate, UNRATED } from "./arrange.ts";
import { type Standing, standingOf } from "./standing.ts";

/** The target of a tier that is tried first, and those behind it, which are made only when they are asked for. */
export interface BestOfTier {
  readonly best: Ranked;
  /** As they stood when the best was chosen, in no particular order. */
  readonly others: () => Ranked[];
}

/**
 * The best of a tier's targets by the very scores and draws of `rankTier`, without an object made for each of them:
 * most calls need no other. Undefined where each must be looked at: one of them rests, was tried, or has several
 * credentials.
 */
export function bestOfTier(
  request: ChoiceRequest,
  tier: number,
  members: readonly WeightedTarget[],
  { states, nowMs, tokens, tried }: AccessRequest,
): BestOfTier | undefined {
  const standing = tried.length === 0 ? standingOf(members, states) : undefined;
  if (standing === undefined) return undefined;
  for (const { state } of standing) if (state.rest(nowMs, tokens) !== undefined) return undefined;
  const rated = standing.length > 1 ? rate(request, tier, standing) : UNRATED;
  const place = placeOfLowest(rated);
  const best = standing[place];
  if (best === undefined) return undefined;
  return {
    best: ranked(best, rated.scores[place], 0),
    others: () => allBut(place, standing, rated),
  };
}

/** Most scores differ: chance is asked only where two don't. */
function placeOfLowest({ scores, draws }: Rated): number {
  let lowest = 0;
  for (let place = 1; place < scores.length; place++) {
    const score = scores[place] ?? 0;
    const least = scores[lowest] ?? 0;
    const isLower = score === least ? drawnBefore(draws(), place, lowest) : score < least;
    if (isLower) lowest = place;
  }
  return lowest;
}

function drawnBefore(draws: readonly number[], one: number, other: number): boolean {
  return (draws[one] ?? 0) < (draws[other] ?? 0);
}

function allBut(taken: number, standing: readonly Standing[], { scores, draws }: Rated): Ranked[] {
  const drawn = draws();
  const all = standing.map((each, place) => ranked(each, scores[place], drawn[place]));
  all.splice(taken, 1);
  return all;
}

function ranked({ member, target, state, learnt }: Standing, score = 0, draw = 0): Ranked {
  return { member, target, state, rest: undefined, learnt, score, draw };
}
