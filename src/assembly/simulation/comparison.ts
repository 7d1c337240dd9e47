import type { RoutingRecord } from "../../model/routing-record.ts";
import { isTargetName } from "../../model/target-name.ts";
import type { RecordedCall } from "./recorded-call.ts";
import type { Unknowable } from "./recorded-facts.ts";
import type { ReplayListener } from "./replay.ts";
import type { SimulatedResult } from "./simulated-call.ts";

/** Calls upstream, and what they cost. */
export interface Traffic {
  calls: number;
  failed: number;
  /** In nano-dollars. */
  cost: bigint;
  /** Calls that have no price, hence are not in the cost. */
  unpriced: number;
}

/** What one route sends to one target: as it was, and as it would be. */
export interface TargetTraffic {
  /** Undefined for calls that name a target. */
  readonly route: string | undefined;
  readonly target: string;
  readonly before: Traffic;
  readonly after: Traffic;
}

/** Requests refused before any target was asked. */
export interface Refusals {
  readonly model: string;
  readonly code: string;
  /** Why, of one of them; undefined where none would be refused now. */
  message: string | undefined;
  before: number;
  after: number;
}

/** How the choices compare with those that were made. */
export interface Decisions {
  /** The same targets in the same order, or the same refusal. */
  same: number;
  /** Another, because a target rested in one of the two and did not in the other. */
  health: number;
  /** Another. */
  different: number;
}

/** What is counted: requests received from before on, and of one project where one is named. */
export interface Counted {
  readonly sinceMs: number;
  readonly project: string | undefined;
}

/** Gathers what was and what would have been, call by call. */
export class Comparison implements ReplayListener {
  readonly decisions: Decisions = { same: 0, health: 0, different: 0 };
  readonly answered = { before: 0, after: 0 };
  /** Requests that were sent to a provider and would be refused now. */
  newlyRefused = 0;
  requests = 0;
  readonly #counted: Counted;
  readonly #targets = new Map<string, TargetTraffic>();
  readonly #refusals = new Map<string, Refusals>();
  readonly #leftOut = new Map<string, number>();
  readonly #unknown = new Map<Unknowable, number>();

  constructor(counted: Counted) {
    this.#counted = counted;
  }

  /** By route and target, the most calls first. */
  get targets(): readonly TargetTraffic[] {
    return [...this.#targets.values()].sort(
      (one, other) => other.after.calls + other.before.calls - (one.after.calls + one.before.calls),
    );
  }

  get refusals(): readonly Refusals[] {
    return [...this.#refusals.values()].sort(
      (one, other) => other.after - one.after || other.before - one.before,
    );
  }

  /** Requests that never came to a choice, by what ended them. */
  get notReplayed(): ReadonlyMap<string, number> {
    return this.#leftOut;
  }

  /** Requests of which the configuration asks what was not kept. */
  get unknown(): ReadonlyMap<Unknowable, number> {
    return this.#unknown;
  }

  leftOut(call: RecordedCall): void {
    if (!this.#isCounted(call)) return;
    const code = call.errorCode ?? "no call to a provider";
    this.#leftOut.set(code, (this.#leftOut.get(code) ?? 0) + 1);
  }

  simulated(result: SimulatedResult): void {
    const { call } = result;
    if (!this.#isCounted(call)) return;
    this.requests++;
    this.decisions[judged(result)]++;
    for (const what of result.unknown) this.#unknown.set(what, (this.#unknown.get(what) ?? 0) + 1);
    this.#countThen(call);
    this.#countNow(result);
    if (call.attempts.length > 0 && result.attempts.length === 0) this.newlyRefused++;
  }

  #isCounted({ receivedAtMs, project }: RecordedCall): boolean {
    const { sinceMs, project: only } = this.#counted;
    return receivedAtMs >= sinceMs && (only === undefined || only === project);
  }

  #countThen(call: RecordedCall): void {
    const { attempts, route, requestedModel, errorCode = "unknown" } = call;
    for (const { target, failure, cost } of attempts)
      count(this.#traffic(route, target).before, failure !== undefined, cost);
    if (attempts.some(({ failure }) => failure === undefined)) this.answered.before++;
    if (attempts.length === 0) this.#refusal(requestedModel, errorCode).before++;
  }

  #countNow({ call, route, attempts, served, failure }: SimulatedResult): void {
    const alias = route === undefined || isTargetName(route.alias) ? undefined : route.alias;
    for (const { choice, outcome, cost } of attempts)
      count(this.#traffic(alias, choice.target.name).after, outcome.failure !== undefined, cost);
    if (served !== undefined && failure === undefined) this.answered.after++;
    if (attempts.length > 0) return;
    const refusal = this.#refusal(call.requestedModel, failure?.code ?? "unknown");
    refusal.after++;
    refusal.message ??= failure?.message;
  }

  #traffic(route: string | undefined, target: string): TargetTraffic {
    const key = `${route ?? ""}\n${target}`;
    const known = this.#targets.get(key) ?? { route, target, before: none(), after: none() };
    this.#targets.set(key, known);
    return known;
  }

  #refusal(model: string, code: string): Refusals {
    const key = `${code}\n${model}`;
    const known = this.#refusals.get(key) ?? { model, code, message: undefined, before: 0, after: 0 };
    this.#refusals.set(key, known);
    return known;
  }
}

function none(): Traffic {
  return { calls: 0, failed: 0, cost: 0n, unpriced: 0 };
}

function count(traffic: Traffic, hasFailed: boolean, cost: number | undefined): void {
  traffic.calls++;
  if (hasFailed) traffic.failed++;
  if (cost === undefined) traffic.unpriced++;
  else traffic.cost += BigInt(cost);
}

function judged({ call, tried, record, failure }: SimulatedResult): keyof Decisions {
  const made = call.routing?.tried.map(({ target }) => target) ?? call.attempts.map(({ target }) => target);
  if (made.length === 0 && tried.length === 0) return call.errorCode === failure?.code ? "same" : "different";
  const isSame = made.length === tried.length && made.every((target, place) => target === tried[place]);
  if (isSame) return "same";
  return hungOnHealth(call.routing, record) ? "health" : "different";
}

/** Other targets rested, a rest was overridden, or the retries of others had used up the budget. */
function hungOnHealth(before: RoutingRecord | undefined, after: RoutingRecord | undefined): boolean {
  const [restedBefore, restedAfter] = [resting(before), resting(after)];
  const isOther = restedBefore.size !== restedAfter.size || !restedBefore.isSubsetOf(restedAfter);
  return isOther || isLastResort(before) !== isLastResort(after) || before?.stopped !== after?.stopped;
}

function resting(record: RoutingRecord | undefined): ReadonlySet<string> {
  return new Set(record?.passedOver.flatMap(({ target, rests }) => (rests === true ? [target] : [])));
}

function isLastResort(record: RoutingRecord | undefined): boolean {
  return record?.tried.some(({ reason }) => reason === "last-resort") === true;
}
