import type { LearntTarget } from "../learnt/learnt-target.ts";
import type { Candidate, Strategy, StrategyContext } from "./strategy.ts";
import { usualOutputTokens } from "./usual-output.ts";

/** So many answers make a target known. */
const KNOWN_AFTER = 3;
/** So many calls at once find out about one that isn't. */
const EXPLORERS = 2;
/** The share of calls that look whether another has become faster. */
const EXPLORING_SHARE = 0.04;
/** What was heard of a target is news for so long. */
const EXPLORED_AFTER_MS = 500;

/** Before all that are known, and behind them. */
const AT_ONCE = -1;
const LAST = 1e12;

/**
 * The target that is expected to be done first, by the time to its first token and its speed after that, as learnt.
 * Those that nobody knows are tried first, a few calls at a time, and now and then one goes to a target that was not
 * asked for long.
 */
export const lowestLatency: Strategy = {
  id: "lowest-latency",
  score(candidates, context) {
    const tokens = usualOutputTokens(candidates, context.facts);
    const scores = new Array<number>(candidates.length);
    let place = 0;
    for (const { member, learnt } of candidates)
      scores[place++] = isKnown(learnt)
        ? expectedMs(learnt, tokens)
        : unknownScore(learnt.inFlight / member.weight);
    return explored(candidates, scores, context);
  },
};

function isKnown({ firstTokenMs }: LearntTarget): boolean {
  return firstTokenMs.count >= KNOWN_AFTER;
}

/** How long the target is expected to take for so many tokens, in milliseconds. */
export function expectedMs({ firstTokenMs, tokenMs }: LearntTarget, tokens: number): number {
  return (firstTokenMs.value ?? 0) + (tokenMs.value ?? 0) * tokens;
}

function unknownScore(load: number): number {
  return load < EXPLORERS ? AT_ONCE + load / (EXPLORERS + 1) : LAST + load;
}

/** With a small chance the one that was asked the longest ago comes first, if that is long enough ago. */
function explored(
  candidates: readonly Candidate[],
  scores: readonly number[],
  { random, facts }: StrategyContext,
): readonly number[] {
  if (random() >= EXPLORING_SHARE) return scores;
  const asked = candidates.map(({ learnt }) => learnt.firstTokenMs.lastMs);
  const oldest = Math.min(...asked);
  if (facts.nowMs - oldest < EXPLORED_AFTER_MS) return scores;
  const place = asked.indexOf(oldest);
  return scores.map((score, each) => (each === place ? AT_ONCE - 1 : score));
}
