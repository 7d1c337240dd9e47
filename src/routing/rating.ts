import type { Candidate } from "./strategies/strategy.ts";

/** What a strategy makes of a tier's candidates, in their order. */
export class Rating {
  /** The lowest is tried first. */
  readonly scores: readonly number[];
  readonly #candidates: readonly Candidate[];
  readonly #random: () => number;
  #draws: readonly number[] | undefined;

  constructor(candidates: readonly Candidate[], scores: readonly number[], random: () => number) {
    this.scores = scores;
    this.#candidates = candidates;
    this.#random = random;
  }

  /** By chance; decides between equals. Drawn where they are asked for, all together, and so always the same. */
  get draws(): readonly number[] {
    this.#draws ??= this.#candidates.map(this.#random);
    return this.#draws;
  }

  /** The place of the one that is tried first. Most scores differ: chance is asked only where two don't. */
  placeOfLowest(): number {
    const { scores } = this;
    let lowest = 0;
    for (let place = 1; place < scores.length; place++) {
      const score = scores[place] ?? 0;
      const least = scores[lowest] ?? 0;
      if (score === least ? this.#isDrawnBefore(place, lowest) : score < least) lowest = place;
    }
    return lowest;
  }

  #isDrawnBefore(one: number, other: number): boolean {
    const { draws } = this;
    return (draws[one] ?? 0) < (draws[other] ?? 0);
  }
}

/** Where there is nothing to compare. */
export const UNRATED = new Rating([], [], () => 0);
