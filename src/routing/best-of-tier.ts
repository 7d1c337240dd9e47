import type { WeightedTarget } from "../model/snapshot.ts";
import type { AccessRequest } from "./access.ts";
import { type ChoiceRequest, type Ranked, rate } from "./arrange.ts";
import type { Rating } from "./rating.ts";
import { type Standing, standingOf } from "./standing.ts";

/** The target of a tier that is tried first, and those behind it, which are made only when they are asked for. */
export class BestOfTier {
  readonly best: Ranked;
  readonly #place: number;
  readonly #standing: readonly Standing[];
  readonly #rating: Rating;

  constructor(place: number, best: Standing, standing: readonly Standing[], rating: Rating) {
    this.best = ranked(best, rating.scores[place], 0);
    this.#place = place;
    this.#standing = standing;
    this.#rating = rating;
  }

  /** As they stood when the best was chosen, in no particular order. */
  others(): Ranked[] {
    const { scores, draws } = this.#rating;
    const all = this.#standing.map((each, place) => ranked(each, scores[place], draws[place]));
    all.splice(this.#place, 1);
    return all;
  }
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
  { states, nowMs, prompt, tried }: AccessRequest,
): BestOfTier | undefined {
  const standing = tried.length === 0 ? standingOf(members, states) : undefined;
  if (standing === undefined) return undefined;
  for (const { state } of standing) if (state.rest(nowMs, prompt) !== undefined) return undefined;
  const rating = rate(request, tier, standing);
  const place = rating.placeOfLowest();
  const best = standing[place];
  return best && new BestOfTier(place, best, standing, rating);
}

function ranked({ member, target, state, learnt }: Standing, score = 0, draw = 0): Ranked {
  return { member, target, state, rest: undefined, learnt, score, draw };
}
