import type { LearntTarget } from "../learnt/learnt-target.ts";
import { rendezvousScore } from "../rendezvous.ts";
import { togetherKey } from "../together.ts";
import type { Candidate, Strategy, StrategyContext } from "./strategy.ts";
import { drawWeighted } from "./weighted.ts";

/**
 * What a token costs in time that must be read anew because no cache holds it: providers read some 5,000 a second
 * before they begin to answer.
 */
const MS_PER_COLD_TOKEN = 0.2;

const WARM = -1;

/**
 * The same conversation stays where the provider's cache has its beginning, for as long as that cache lives after its
 * last use, and moves only when waiting there costs more time than reading the prompt anew elsewhere. Where no cache
 * is warm, each conversation has an order of targets of its own, so when one leaves, the rest keep theirs.
 */
export const cacheAffinity: Strategy = {
  id: "cache-affinity",
  score(candidates, context) {
    const key = togetherKey(context.tier.together, context.facts);
    if (key === undefined) return drawWeighted(candidates, context.random);
    const warm = context.memory.affinity.warmTarget(key, context.facts.nowMs);
    const stays = warm !== undefined && isWorthWaiting(candidates, warm, context);
    return candidates.map(({ member }) =>
      stays && member.target.name === warm ? WARM : rendezvousScore(key, member.target.name, member.weight),
    );
  },
  chosen({ member }, { tier, facts, memory }) {
    const key = togetherKey(tier.together, facts);
    if (key === undefined) return;
    memory.affinity.note(key, member.target.name, facts.nowMs + (facts.cacheMs ?? tier.cacheMs));
  },
};

function isWorthWaiting(candidates: readonly Candidate[], warm: string, { facts }: StrategyContext): boolean {
  const own = candidates.find(({ member }) => member.target.name === warm);
  if (own === undefined) return false;
  const waits = candidates.flatMap(({ learnt }) => waitOf(learnt) ?? []);
  const waitMs = (waitOf(own.learnt) ?? 0) - Math.min(...waits);
  // The prompt's length is dear to know, and nearly never matters.
  return waits.length === 0 || waitMs <= 0 || waitMs <= facts.inputTokens * MS_PER_COLD_TOKEN;
}

function waitOf({ firstTokenMs }: LearntTarget): number | undefined {
  return firstTokenMs.value;
}
