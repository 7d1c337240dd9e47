import type { GatewayError } from "../model/gateway-error.ts";
import type { Target, WeightedTarget } from "../model/snapshot.ts";
import { type Access, type AccessRequest, bestAccess, compareRests } from "./access.ts";
import {
  type ChoiceRequest,
  type PassedOver,
  type Ranked,
  rankTier,
  type Sorted,
  sortTargets,
} from "./arrange.ts";
import { backoffMs, type RetryScope, retryScope, wasNotSent } from "./retry/may-retry.ts";
import { strategies } from "./strategies/index.ts";
import type { TargetState } from "./target-state.ts";

/*
 * The room's centre: which target is tried, and which one after that. A plan belongs to one request and is asked for one
 * target at a time, because what is best may change while an attempt is made. The order is: the tiers, each by its
 * strategy, those of its targets that are well; then, since a target that was taken out may still be better than no
 * answer, those that rest; then those that are unfit, where there were no others; and last, where nothing of the request
 * can have arrived, the same again. All of it is decided by what is handed in, so a choice can be told beforehand.
 */

/** Why a target is tried. */
export type ChoiceReason = "first" | "fallback" | "last-resort" | "repeat";

/** A target to be tried. */
export interface Choice {
  /** With the credential to use. */
  readonly target: Target;
  readonly member: WeightedTarget;
  readonly state: TargetState;
  readonly reason: ChoiceReason;
  /** To wait before, in milliseconds. */
  readonly waitMs: number;
}

/** A provider that is asked again after it has refused a call for its rate is asked a little later than it said. */
const LATER_MS = 100;

/** What a request's attempts are made by. */
export class Plan {
  readonly #request: ChoiceRequest;
  readonly #clock: () => number;
  readonly #random: () => number;
  readonly #sorted: Sorted;
  readonly #tried = new Set<Target>();
  #tier = 0;
  /** What is left of the tier that is being tried, in its order. */
  #order: readonly Ranked[] = [];
  readonly #resting: Ranked[] = [];
  /** Other credentials of targets that failed for reasons of their own. */
  readonly #siblings: WeightedTarget[] = [];
  #last: Choice | undefined;
  #attempts = 0;
  #repeats = 0;
  /** Only targets known to take longer prompts than this. */
  #longerThan: number | undefined;
  #allUnsent = true;
  /** What the strategy made of the targets of the tier that was asked first, for the record. */
  firstRanking: readonly Ranked[] = [];
  /** Why no further target is tried, where there would have been one. */
  stoppedBecause: "attempts" | "budget" | undefined;

  /** `clock` gives milliseconds since 1970. */
  constructor(request: ChoiceRequest, clock: () => number, random: () => number) {
    this.#request = request;
    this.#clock = clock;
    this.#random = random;
    this.#sorted = sortTargets(request);
  }

  /** Targets that are not tried for what they are. */
  get passedOver(): readonly PassedOver[] {
    const { unfit, forbidden } = this.#sorted;
    return [...forbidden, ...unfit];
  }

  /** Those that were not tried because they rested, as far as that was looked at. */
  get restingTargets(): readonly Ranked[] {
    return this.#resting;
  }

  /** Whether there is anything that may be tried at all. */
  get isEmpty(): boolean {
    const { fit, unfit } = this.#sorted;
    return unfit.length === 0 && fit.every((members) => members.length === 0);
  }

  /** The first target. Undefined where none may be used. */
  first(): Choice | undefined {
    this.#request.routeState.retryBudget.called(this.#clock());
    return this.#take(this.#nextUntried());
  }

  /** The next target after a failure; undefined where the failure is to be told. */
  after(failure: GatewayError): Choice | undefined {
    const { settings } = this.#request.route;
    const scope = retryScope(failure, settings.retries);
    if (scope === "nowhere") return undefined;
    this.#learn(failure, scope);
    const choice = this.#nextUntried() ?? this.#again(failure);
    return this.#allowed(choice, failure) ? this.#take(choice) : undefined;
  }

  /** Another target to ask beside the one that is silent; undefined where there is none that is well. */
  beside(): Choice | undefined {
    const choice = this.#nextUntried();
    return choice?.reason === "last-resort" ? undefined : this.#take(choice);
  }

  #learn(failure: GatewayError, scope: RetryScope): void {
    const last = this.#last;
    if (last === undefined) return;
    if (!wasNotSent(failure)) this.#allUnsent = false;
    if (scope === "bigger") {
      const window = last.target.known?.contextWindow ?? this.#request.facts.inputTokens;
      this.#longerThan = Math.max(window, this.#longerThan ?? 0);
    }
    if (last.target.upstream.pool === undefined && last.target.upstream.credentialName === undefined) return;
    if (scope === "other-credential") this.#order = [...this.#rankAgain(last.member), ...this.#order];
    else this.#siblings.push(last.member);
  }

  #rankAgain(member: WeightedTarget): readonly Ranked[] {
    return rankTier(this.#request, member.tier, [member], this.#accessRequest()).well;
  }

  #nextUntried(): Choice | undefined {
    return this.#nextWell() ?? this.#nextSibling() ?? this.#nextResting() ?? this.#nextUnfit();
  }

  #nextWell(): Choice | undefined {
    for (;;) {
      for (const [place, ranked] of this.#order.entries()) {
        const access = this.#usable(ranked.member);
        if (access === undefined) continue;
        // What rests now was well when the tier was ranked.
        if (access.rest !== undefined) this.#resting.push(ranked);
        else {
          this.#order = this.#order.slice(place + 1);
          return this.#choiceOf(ranked.member, access, "fallback");
        }
      }
      this.#order = [];
      if (this.#tier >= this.#sorted.fit.length) return undefined;
      this.#openTier(this.#tier++);
    }
  }

  #openTier(tier: number): void {
    const members = this.#sorted.fit[tier] ?? [];
    if (members.length === 0) return;
    const { well, resting } = rankTier(this.#request, tier, members, this.#accessRequest());
    this.#order = well;
    this.#resting.push(...resting);
    if (this.firstRanking.length === 0) this.firstRanking = well;
  }

  #nextSibling(): Choice | undefined {
    for (let member = this.#siblings.shift(); member !== undefined; member = this.#siblings.shift()) {
      const access = this.#usable(member);
      if (access?.rest === undefined && access !== undefined)
        return this.#choiceOf(member, access, "fallback");
    }
    return undefined;
  }

  /** Of those that rest the one that is hindered least, and of equals the one that stands first. */
  #nextResting(): Choice | undefined {
    let best: { readonly member: WeightedTarget; readonly access: Access } | undefined;
    for (const { member } of this.#resting) {
      const access = this.#usable(member);
      if (access === undefined) continue;
      if (best === undefined || compareRests(access.rest, best.access.rest) < 0) best = { member, access };
    }
    return best && this.#choiceOf(best.member, best.access, "last-resort");
  }

  #nextUnfit(): Choice | undefined {
    const { fit, unfit } = this.#sorted;
    if (fit.some((members) => members.length > 0)) return undefined;
    for (const { member } of unfit) {
      const access = this.#usable(member);
      if (access !== undefined) return this.#choiceOf(member, access, "last-resort");
    }
    return undefined;
  }

  /** The same target again, where it can't have been reached, or has said when to come back. */
  #again(failure: GatewayError): Choice | undefined {
    const last = this.#last;
    const { retries } = this.#request.route.settings;
    if (last === undefined) return undefined;
    if (this.#allUnsent && wasNotSent(failure)) {
      const waitMs = backoffMs(this.#repeats, retries, this.#random());
      return this.#repeats++ === 0 ? { ...last, reason: "repeat", waitMs } : undefined;
    }
    if (failure.errorClass !== "rate_limit" || failure.retryAfterMs === undefined) return undefined;
    const waitMs = failure.retryAfterMs + LATER_MS * this.#random();
    return waitMs <= retries.maxWaitMs ? { ...last, reason: "repeat", waitMs } : undefined;
  }

  #allowed(choice: Choice | undefined, failure: GatewayError): boolean {
    if (choice === undefined) return false;
    if (this.#attempts >= this.#request.route.settings.retries.maxAttempts) {
      this.stoppedBecause = "attempts";
      return false;
    }
    // What could not be said in a provider's dialect was no call.
    if (failure.code === "cannot_translate") return true;
    if (this.#request.routeState.retryBudget.take(this.#clock())) return true;
    this.stoppedBecause = "budget";
    return false;
  }

  #usable(member: WeightedTarget): Access | undefined {
    const window = member.target.known?.contextWindow;
    if (this.#longerThan !== undefined && !(window !== undefined && window > this.#longerThan))
      return undefined;
    return bestAccess(member, this.#accessRequest());
  }

  #choiceOf(member: WeightedTarget, { target, state }: Access, usual: "fallback" | "last-resort"): Choice {
    const reason = usual === "fallback" && this.#attempts === 0 ? "first" : usual;
    return { target, member, state, reason, waitMs: 0 };
  }

  #take(choice: Choice | undefined): Choice | undefined {
    if (choice === undefined) return undefined;
    this.#attempts++;
    this.#tried.add(choice.target);
    this.#last = choice;
    this.#noteChosen(choice);
    return choice;
  }

  #noteChosen({ member, state, reason }: Choice): void {
    const { route, routeState, facts } = this.#request;
    const tier = route.tiers[member.tier];
    if (tier === undefined || reason === "repeat") return;
    const context = { tier, facts, memory: routeState.memoryOf(member.tier), random: this.#random };
    strategies[tier.strategy].chosen?.({ member, learnt: state.learnt }, context);
  }

  #accessRequest(): AccessRequest {
    const { states, facts, seed } = this.#request;
    return {
      states,
      nowMs: this.#clock(),
      tokens: () => facts.inputTokens,
      tried: this.#tried,
      seed,
    };
  }
}
