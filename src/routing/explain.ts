import { type ChoiceRequest, compareRanked, rankTier, sortTargets } from "./arrange.ts";
import { restWords } from "./rest-words.ts";
import { type PlanSources, RoutePlan } from "./route-plan.ts";

/** Why a request's route would be gone the way it would be: changes nothing. */
export interface RouteExplanation {
  readonly route: string;
  readonly arm?: string;
  /** The target that would be tried first; absent where none may be. */
  readonly first?: { readonly target: string; readonly credential?: string; readonly reason: string };
  readonly targets: readonly TargetExplanation[];
}

/** How one target stands for the request. */
export interface TargetExplanation {
  readonly target: string;
  readonly tier: number;
  readonly strategy: string;
  /**
   * - `well`: it may be tried, in the order of `score`, the lowest first;
   * - `resting`: it may be tried where none is well;
   * - `unfit`: it would do worse, and is tried where no other may be;
   * - `forbidden`: it is not tried.
   */
  readonly standing: "well" | "resting" | "unfit" | "forbidden";
  readonly score?: number;
  /** Why it is not well, as the rest of a sentence about it. */
  readonly because?: string;
}

/** Explains how the request would be routed now. The real choice at this moment is the same. */
export function explainRoute(request: ChoiceRequest, sources: PlanSources): RouteExplanation {
  const { route } = request;
  const first = new RoutePlan(request, sources).preview();
  const credential = first?.target.upstream.credentialName;
  return {
    route: route.alias,
    ...(route.arm === undefined ? {} : { arm: route.arm }),
    ...(first === undefined
      ? {}
      : {
          first: {
            target: first.target.name,
            ...(credential === undefined ? {} : { credential }),
            reason: first.reason,
          },
        }),
    targets: explainTargets(request, sources),
  };
}

function explainTargets(request: ChoiceRequest, { clock }: PlanSources): TargetExplanation[] {
  const { route, states, facts, seed } = request;
  const { fit, unfit, forbidden } = sortTargets(request);
  const nowMs = clock();
  const access = { states, nowMs, prompt: facts, tried: [], seed };
  const strategyOf = (tier: number): string => route.tiers[tier]?.strategy ?? "priority";
  const explained = fit.flatMap((members, tier) => {
    const strategy = strategyOf(tier);
    const { well, resting } = rankTier(request, tier, members, access);
    return [
      ...well.toSorted(compareRanked).map(
        ({ member, score }): TargetExplanation => ({
          target: member.target.name,
          tier,
          strategy,
          standing: "well",
          ...(Number.isFinite(score) ? { score: Number(score.toPrecision(6)) } : {}),
        }),
      ),
      ...resting.map(
        ({ member, rest }): TargetExplanation => ({
          target: member.target.name,
          tier,
          strategy,
          standing: "resting",
          because: restWords(rest, nowMs),
        }),
      ),
    ];
  });
  const passedOver = (standing: "unfit" | "forbidden", list: typeof unfit): TargetExplanation[] =>
    list.map(({ member, because }) => ({
      target: member.target.name,
      tier: member.tier,
      strategy: strategyOf(member.tier),
      standing,
      because,
    }));
  return [...explained, ...passedOver("unfit", unfit), ...passedOver("forbidden", forbidden)];
}
