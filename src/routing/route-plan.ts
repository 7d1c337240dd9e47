import type { GatewayError } from "../model/gateway-error.ts";
import type { PassedOverTarget, RoutingRecord, TriedTarget } from "../model/routing-record.ts";
import type { Target, WeightedTarget } from "../model/snapshot.ts";
import type { Writable } from "../model/writable.ts";
import { type Access, type AccessRequest, bestAccess, compareRests } from "./access.ts";
import {
  type ChoiceRequest,
  compareRanked,
  type Ranked,
  rankTier,
  type Sorted,
  sortTargets,
} from "./arrange.ts";
import { type BestOfTier, bestOfTier } from "./best-of-tier.ts";
import type { Choice, FailedChoice, Plan } from "./plan.ts";
import { restWords } from "./rest-words.ts";
import { type RetryScope, retryScope, wasNoCall, wasNotSent } from "./retry/may-retry.ts";
import { repeatAfterMs } from "./retry/repeat.ts";
import { strategies } from "./strategies/index.ts";

/*
 * The room's centre: which target is tried, and which one after that. The order is: the tiers, each by its strategy,
 * those of its targets that are well; then, since a target that was taken out may still be better than no answer, those
 * that rest; then those that are unfit, where there were no others; and last, where nothing of the request can have been
 * carried out, the same again. All of it is decided by what is handed in, so a choice can be told beforehand.
 */

const NONE_PASSED_OVER: readonly PassedOverTarget[] = [];
const NONE_RESTING: readonly Ranked[] = [];
const NO_SIBLINGS: readonly WeightedTarget[] = [];

/** A choice, and what it was made of. */
interface Considered extends Choice {
  readonly member: WeightedTarget;
  readonly score: number | undefined;
  /** How many calls its tier had begun before, where its strategy goes by that. */
  readonly turn: number | undefined;
}

/** What chance and time are to a plan. */
export interface PlanSources {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly random: () => number;
}

/** The plan of a call with something to choose. */
export class RoutePlan implements Plan {
  readonly #request: ChoiceRequest;
  readonly #sources: PlanSources;
  readonly #sorted: Sorted;
  readonly #tried: Considered[] = [];
  #tier = 0;
  /** The best of the tier that is being tried, until what is behind it is asked for. */
  #best: BestOfTier | undefined;
  #isBestTaken = false;
  /** What is left of that tier. */
  #left: Ranked[] | undefined;
  /** Other credentials of the target that was just tried: they go before what is left. */
  #others: Ranked[] | undefined;
  #resting: readonly Ranked[] = NONE_RESTING;
  /** Other credentials of targets that failed for reasons of their own. */
  #siblings: readonly WeightedTarget[] = NO_SIBLINGS;
  /** Only targets known to take longer prompts than this. */
  #longerThan: number | undefined;
  /** Only targets that can go on with an answer, once one has begun. */
  #mayContinue: ((target: Target) => boolean) | undefined;
  #allUnsent = true;
  #hasRepeated = false;
  #stopped: RoutingRecord["stopped"];
  #beganMs: number | undefined;

  constructor(request: ChoiceRequest, sources: PlanSources) {
    this.#request = request;
    this.#sources = sources;
    this.#sorted = sortTargets(request);
  }

  first(): Choice | undefined {
    this.#beganMs = this.#sources.clock();
    this.#request.routeState.retryBudget.called(this.#beganMs);
    return this.#take(this.#nextUntried());
  }

  /** The target that `first` would give, and nothing is changed by it. To be asked of a plan that serves no call. */
  preview(): Choice | undefined {
    return this.#nextUntried();
  }

  after(failures: readonly FailedChoice[]): Choice | undefined {
    const { retries } = this.#request.route.settings;
    const scopes = failures.map(({ failure }) => retryScope(failure, retries));
    const last = failures.at(-1);
    if (last === undefined || scopes.includes("nowhere")) return undefined;
    for (const [place, failed] of failures.entries()) this.#learn(failed, scopes[place] ?? "elsewhere");
    const choice = this.#nextUntried() ?? this.#again(last);
    return this.#isAllowed(choice, last.failure) ? this.#take(choice) : undefined;
  }

  continued(failed: FailedChoice, mayContinue: (target: Target) => boolean): Choice | undefined {
    this.#mayContinue = mayContinue;
    return this.after([failed]);
  }

  beside(): Choice | undefined {
    const { settings } = this.#request.route;
    if (this.#tried.length >= settings.retries.maxAttempts) return undefined;
    const choice = this.#nextUntried();
    if (choice === undefined || choice.reason === "last-resort") return undefined;
    return this.#take({ ...choice, reason: "hedge" });
  }

  record(): RoutingRecord {
    const record: Writable<RoutingRecord> = {
      tried: this.#tried.map(triedTarget),
      passedOver: this.#passedOver(),
    };
    if (this.#stopped !== undefined) record.stopped = this.#stopped;
    if (this.#beganMs !== undefined) record.atMs = this.#beganMs;
    return record;
  }

  #passedOver(): readonly PassedOverTarget[] {
    const { forbidden, unfit } = this.#sorted;
    if (forbidden.length + unfit.length + this.#resting.length === 0) return NONE_PASSED_OVER;
    const tried = new Set(this.#tried.map(({ member }) => member));
    const isLeft = ({ member }: { readonly member: WeightedTarget }): boolean => !tried.has(member);
    const unsuited = [...forbidden, ...unfit]
      .filter(isLeft)
      .map(({ member, because }) => ({ target: member.target.name, because }));
    const resting = this.#resting.filter(isLeft).map(({ member, rest }) => ({
      target: member.target.name,
      because: restWords(rest, this.#sources.clock()),
      rests: true as const,
    }));
    return [...unsuited, ...resting];
  }

  #learn({ choice, failure }: FailedChoice, scope: RetryScope): void {
    const last = this.#tried.find((each) => each === choice);
    if (last === undefined) return;
    if (!wasNotSent(failure)) this.#allUnsent = false;
    if (scope === "bigger") {
      const window = last.target.known?.contextWindow ?? this.#request.facts.inputTokens;
      this.#longerThan = Math.max(window, this.#longerThan ?? 0);
    }
    if (last.target.upstream.credentialName === undefined) return;
    if (scope === "other-credential")
      this.#others = [...(this.#others ?? []), ...this.#rankAgain(last.member)];
    else this.#siblings = [...this.#siblings, last.member];
  }

  #rankAgain(member: WeightedTarget): readonly Ranked[] {
    return rankTier(this.#request, member.tier, [member], this.#accessRequest()).well;
  }

  #nextUntried(): Considered | undefined {
    return this.#nextWell() ?? this.#nextSibling() ?? this.#nextResting() ?? this.#nextUnfit();
  }

  #nextWell(): Considered | undefined {
    for (;;) {
      for (let best = this.#takeBest(); best !== undefined; best = this.#takeBest()) {
        // Before the first attempt nothing can have changed since the tier was ranked.
        const access = this.#tried.length === 0 ? best : this.#usable(best.member);
        if (access === undefined) continue;
        if (access.rest === undefined) return this.#considered(best.member, access, "fallback", best.score);
        this.#resting = [...this.#resting, { ...best, ...access }];
      }
      if (this.#tier >= this.#sorted.fit.length) return undefined;
      this.#openTier(this.#tier++);
    }
  }

  #takeBest(): Ranked | undefined {
    const other = takeLowest(this.#others);
    if (other !== undefined) return other;
    const tier = this.#best;
    if (tier === undefined) return takeLowest(this.#left);
    if (this.#isBestTaken) {
      this.#best = undefined;
      this.#left = tier.others();
      return takeLowest(this.#left);
    }
    this.#isBestTaken = true;
    return tier.best;
  }

  #openTier(tier: number): void {
    const members = this.#sorted.fit[tier] ?? [];
    if (members.length === 0) return;
    const access = this.#accessRequest();
    this.#best = bestOfTier(this.#request, tier, members, access);
    this.#isBestTaken = false;
    if (this.#best !== undefined) return;
    const { well, resting } = rankTier(this.#request, tier, members, access);
    this.#left = well;
    this.#resting = [...this.#resting, ...resting];
  }

  #nextSibling(): Considered | undefined {
    while (this.#siblings.length > 0) {
      const [member, ...others] = this.#siblings;
      this.#siblings = others;
      const access = member && this.#usable(member);
      if (member !== undefined && access !== undefined && access.rest === undefined)
        return this.#considered(member, access, "fallback");
    }
    return undefined;
  }

  /** Of those that rest the one that is hindered least, and of equals the one that stands first. */
  #nextResting(): Considered | undefined {
    let best: { readonly member: WeightedTarget; readonly access: Access } | undefined;
    for (const { member } of this.#resting) {
      const access = this.#usable(member);
      if (access === undefined) continue;
      if (best === undefined || compareRests(access.rest, best.access.rest) < 0) best = { member, access };
    }
    if (best === undefined) return undefined;
    const choice = this.#considered(best.member, best.access, "last-resort");
    return { ...choice, waitMs: this.#untilRoomMs(best.access) };
  }

  /** Where a rate limit leaves room again soon, that is waited for: the call would only be refused before. */
  #untilRoomMs({ rest }: Access): number {
    if (rest?.kind !== "rate-limited" || rest.untilMs === undefined) return 0;
    const waitMs = rest.untilMs - this.#sources.clock();
    return waitMs <= this.#request.route.settings.retries.maxWaitMs ? Math.max(0, waitMs) : 0;
  }

  #nextUnfit(): Considered | undefined {
    const { fit, unfit } = this.#sorted;
    if (fit.some((members) => members.length > 0)) return undefined;
    for (const { member } of unfit) {
      const access = this.#usable(member);
      if (access !== undefined) return this.#considered(member, access, "last-resort");
    }
    return undefined;
  }

  /** The same target again, once, where it can't have carried the call out. */
  #again({ choice, failure }: FailedChoice): Considered | undefined {
    const last = this.#tried.find((each) => each === choice);
    if (last === undefined || this.#hasRepeated || this.#mayContinue !== undefined) return undefined;
    if (wasNotSent(failure) && !this.#allUnsent) return undefined;
    const waitMs = repeatAfterMs(failure, this.#request.route.settings.retries, this.#sources.random);
    if (waitMs === undefined) return undefined;
    this.#hasRepeated = true;
    return { ...last, reason: "repeat", waitMs };
  }

  #isAllowed(choice: Considered | undefined, failure: GatewayError): boolean {
    if (choice === undefined) return false;
    if (this.#tried.length >= this.#request.route.settings.retries.maxAttempts) {
      this.#stopped = "attempts";
      return false;
    }
    // What came to no call costs no retry.
    if (wasNoCall(failure)) return true;
    if (this.#request.routeState.retryBudget.take(this.#sources.clock())) return true;
    this.#stopped = "retry-budget";
    return false;
  }

  #usable(member: WeightedTarget): Access | undefined {
    if (this.#mayContinue?.(member.target) === false) return undefined;
    const window = member.target.known?.contextWindow;
    if (this.#longerThan !== undefined && !(window !== undefined && window > this.#longerThan))
      return undefined;
    return bestAccess(member, this.#accessRequest());
  }

  #considered(
    member: WeightedTarget,
    { target, state }: Access,
    usual: "fallback" | "last-resort",
    score?: number,
  ): Considered {
    const isFirst = usual === "fallback" && this.#tried.length === 0;
    const reason = this.#mayContinue === undefined ? usual : "continuation";
    const turn = this.#turnOf(member);
    return { target, state, reason: isFirst ? "first" : reason, waitMs: 0, member, score, turn };
  }

  #turnOf({ tier }: WeightedTarget): number | undefined {
    const { route, routeState } = this.#request;
    const settings = route.tiers[tier];
    if (settings === undefined || strategies[settings.strategy].goesByTurns !== true) return undefined;
    return routeState.memoryOf(tier).turn;
  }

  #take(choice: Considered | undefined): Considered | undefined {
    if (choice === undefined) return undefined;
    this.#tried.push(choice);
    this.#noteChosen(choice);
    return choice;
  }

  #noteChosen({ member, state, reason }: Considered): void {
    const { route, routeState, facts } = this.#request;
    const tier = route.tiers[member.tier];
    if (tier === undefined || reason === "repeat") return;
    const strategy = strategies[tier.strategy];
    if (strategy.chosen === undefined) return;
    const memory = routeState.memoryOf(member.tier);
    strategy.chosen({ member, learnt: state.learnt }, { tier, facts, memory, random: this.#sources.random });
  }

  #accessRequest(): AccessRequest {
    const { states, facts, seed } = this.#request;
    return {
      states,
      nowMs: this.#sources.clock(),
      prompt: facts,
      tried: this.#tried,
      seed,
    };
  }
}

/** The best of a list that is in no order, taken out of it: the last one takes its place. */
function takeLowest(from: Ranked[] | undefined): Ranked | undefined {
  if (from === undefined) return undefined;
  let best = from[0];
  let place = 0;
  for (let at = 1; at < from.length; at++) {
    const one = from[at];
    if (one === undefined || best === undefined || compareRanked(one, best) >= 0) continue;
    best = one;
    place = at;
  }
  const last = from.pop();
  if (last !== undefined && place < from.length) from[place] = last;
  return best;
}

function triedTarget({ target, member, reason, score, turn }: Considered): TriedTarget {
  const { credentialName } = target.upstream;
  const tried: Writable<TriedTarget> = {
    target: target.name,
    tier: member.tier,
    reason,
  };
  if (credentialName !== undefined) tried.credential = credentialName;
  if (score !== undefined && Number.isFinite(score)) tried.score = sixDigits(score);
  if (turn !== undefined) tried.turn = turn;
  return tried;
}

const MILLION = 1e6;

/** About six digits of a number: as many as tell scores apart. */
function sixDigits(value: number): number {
  const size = Math.abs(value);
  if (size >= MILLION || size === 0) return Math.round(value);
  const unit = 10 ** Math.max(0, 5 - Math.floor(Math.log10(size)));
  return Math.round(value * unit) / unit;
}
