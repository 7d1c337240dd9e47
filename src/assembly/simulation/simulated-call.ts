import { continuableTarget } from "../../gateway/continuation/continuable-target.ts";
import { CANARY_ARM } from "../../model/canary-arm.ts";
import { asGatewayError, GatewayError } from "../../model/gateway-error.ts";
import { roughTokens } from "../../model/rough-tokens.ts";
import type { RoutingRecord } from "../../model/routing-record.ts";
import type { Route } from "../../model/snapshot.ts";
import type { Choice, FailedChoice } from "../../routing/plan.ts";
import { silenceBeforeHedge } from "../../routing/silence-before-hedge.ts";
import type { Ticket } from "../../routing/target-state.ts";
import { planRecorded, type RecordedPlan } from "./plan-recorded.ts";
import type { RecordedAttempt, RecordedCall } from "./recorded-call.ts";
import { RecordedFacts, type Unknowable } from "./recorded-facts.ts";
import { type SimulatedAttempt, simulatedAttempt } from "./simulated-attempt.ts";
import type { World } from "./world.ts";

/** What would have become of a call. */
export interface SimulatedResult {
  readonly call: RecordedCall;
  /** Undefined where it would have been refused before. */
  readonly route: Route | undefined;
  readonly attempts: readonly SimulatedAttempt[];
  /** The names of the targets, in the order in which they would have been tried. */
  readonly tried: readonly string[];
  /** The target that would have answered. */
  readonly served: string | undefined;
  readonly failure: GatewayError | undefined;
  readonly record: RoutingRecord | undefined;
  /** What the configuration asks of it that nobody kept. */
  readonly unknown: ReadonlySet<Unknowable>;
}

/** An attempt under way. */
interface Running {
  readonly attempt: SimulatedAttempt;
  readonly ticket: Ticket;
  readonly startedAtMs: number;
  isEnded: boolean;
}

const NOTHING_UNKNOWN: ReadonlySet<Unknowable> = new Set();

/**
 * One call of the past under another configuration: what the gateway does with one that comes, driven by events instead
 * of by a network. Plan, health, queues and hedges are the gateway's own.
 */
export class SimulatedCall {
  readonly #world: World;
  readonly #call: RecordedCall;
  readonly #tell: (result: SimulatedResult) => void;
  readonly #left: RecordedAttempt[];
  readonly #tried: string[] = [];
  readonly #attempts: SimulatedAttempt[] = [];
  #running: Running[] = [];
  /** Failed beside each other: both must have before another is asked. */
  #failed: FailedChoice[] = [];
  /** Asked and not yet failed, those that wait for a place included. */
  #pending = 0;
  #plan: RecordedPlan | undefined;
  #facts: RecordedFacts | undefined;
  #isAnswered = false;
  #isOver = false;

  constructor(world: World, call: RecordedCall, tell: (result: SimulatedResult) => void) {
    this.#world = world;
    this.#call = call;
    this.#tell = tell;
    this.#left = [...call.attempts];
  }

  /** Attempts that were made and are none of this call's so far. */
  get unmatched(): readonly RecordedAttempt[] {
    return this.#left;
  }

  /** The call comes. It is told of once, when it is over. */
  begin(): void {
    const { events, prices, callerOf } = this.#world;
    const caller = callerOf(this.#call.keyId);
    try {
      if (caller === undefined) throw new GatewayError("invalid_key");
      this.#facts = new RecordedFacts(this.#call, caller, prices, events.nowMs);
      this.#plan = planRecorded(this.#world, this.#call, caller, this.#facts);
      const first = this.#plan.plan.first();
      if (first === undefined) throw new GatewayError("no_target");
      this.#try(first);
    } catch (thrown) {
      this.#finish(undefined, asGatewayError(thrown));
    }
  }

  #try(choice: Choice): void {
    this.#pending++;
    const { events } = this.#world;
    if (choice.waitMs > 0) events.at(events.nowMs + choice.waitMs, () => this.#ask(choice));
    else this.#ask(choice);
  }

  #ask(choice: Choice): void {
    const { name } = choice.target;
    this.#tried.push(name);
    if (this.#wasNoCall(name)) {
      this.#hasFailed({ choice, failure: new GatewayError("cannot_translate") });
      return;
    }
    const ticket = choice.state.enter(roughTokens(this.#call.bodyBytes));
    if (ticket === undefined) this.#waitForPlace(choice);
    else this.#start(choice, ticket);
  }

  /** It was tried and no row was made: it could not be said in that target's dialect. */
  #wasNoCall(name: string): boolean {
    const { routing, attempts } = this.#call;
    if (attempts.some(({ target }) => target === name)) return false;
    return routing?.tried.some(({ target, reason }) => target === name && reason !== "hedge") === true;
  }

  #waitForPlace(choice: Choice): void {
    const { events, snapshot } = this.#world;
    const { credential } = choice.state;
    const { length, waitMs } = snapshot.routing.queue;
    const refuse = (): void =>
      this.#hasFailed({ choice, failure: new GatewayError("overloaded", { errorClass: "overloaded" }) });
    if (credential.waiting >= length) {
      refuse();
      return;
    }
    let isDecided = false;
    const leave = credential.lineUp(this.#call.project, () => {
      isDecided = true;
      this.#start(choice, choice.state.begin(roughTokens(this.#call.bodyBytes)));
    });
    events.at(events.nowMs + waitMs, () => {
      if (isDecided) return;
      leave();
      refuse();
    });
  }

  #start(choice: Choice, ticket: Ticket): void {
    const { events } = this.#world;
    const recorded = this.#takeRecorded(choice.target.name);
    const attempt = simulatedAttempt(this.#world, this.#call, choice, recorded);
    const running = { attempt, ticket, startedAtMs: events.nowMs, isEnded: false };
    this.#attempts.push(attempt);
    this.#running.push(running);
    const { firstTokenMs, totalMs, failure } = attempt.outcome;
    if (this.#plan?.route.settings.hedge !== undefined) {
      this.#hedge(running);
      const answers = failure === undefined || (this.#call.stream && firstTokenMs !== undefined);
      if (answers) events.at(events.nowMs + (firstTokenMs ?? totalMs), () => this.#hasAnswered(running));
    }
    events.at(running.startedAtMs + totalMs, () => this.#end(running, failure, totalMs));
  }

  #takeRecorded(name: string): RecordedAttempt | undefined {
    const place = this.#left.findIndex(({ target }) => target === name);
    return place === -1 ? undefined : this.#left.splice(place, 1)[0];
  }

  #hedge({ attempt: { choice }, startedAtMs }: Running): void {
    const { route, state, plan } = this.#plan ?? {};
    const hedge = route?.settings.hedge;
    if (hedge === undefined || state === undefined || plan === undefined || choice.reason === "hedge") return;
    const { events } = this.#world;
    if (choice.reason === "first") state.hedges.called(startedAtMs);
    const afterMs = silenceBeforeHedge(hedge, state, this.#call.stream);
    if (afterMs === undefined) return;
    const failedBefore = this.#failed.length;
    events.at(startedAtMs + afterMs, () => {
      const isSilent = !this.#isAnswered && !this.#isOver && this.#failed.length === failedBefore;
      if (!isSilent || this.#running.at(-1)?.attempt.choice !== choice) return;
      const other = state.hedges.take(hedge.percent / 100, 0, events.nowMs) ? plan.beside() : undefined;
      if (other === undefined) return;
      state.firstTokenOf(this.#call.stream).add(afterMs);
      this.#try(other);
    });
  }

  /** The first to answer wins; what is under way beside it is given up. */
  #hasAnswered(running: Running): void {
    if (running.isEnded || this.#isAnswered) return;
    this.#isAnswered = true;
    const { nowMs } = this.#world.events;
    if (this.#running.length === 1)
      this.#plan?.state.firstTokenOf(this.#call.stream).add(nowMs - running.startedAtMs);
    for (const other of this.#running.slice())
      if (other !== running) this.#end(other, new GatewayError("superseded"), nowMs - other.startedAtMs);
  }

  #end(running: Running, failure: GatewayError | undefined, totalMs: number): void {
    if (running.isEnded) return;
    running.isEnded = true;
    this.#running = this.#running.filter((each) => each !== running);
    const { attempt, ticket } = running;
    const { firstTokenMs } = attempt.outcome;
    const { stream } = this.#call;
    const { nowMs } = this.#world.events;
    const heardMs = firstTokenMs !== undefined && firstTokenMs <= totalMs ? firstTokenMs : undefined;
    ticket.end({ failure, firstTokenMs: heardMs, totalMs, usage: attempt.usage, stream }, nowMs);
    if (attempt.recorded !== undefined) this.#world.outcomes.note(attempt.recorded);
    if (this.#attempts[0] === attempt) this.#teach(attempt, failure, heardMs ?? totalMs);
    if (failure?.code === "superseded") return;
    const { choice } = attempt;
    const isBroken = failure !== undefined && stream && heardMs !== undefined;
    if (failure === undefined) this.#finish(choice.target.name, undefined);
    else if (isBroken) this.#goOn({ choice, failure });
    else this.#hasFailed({ choice, failure });
  }

  /** Whether an answer can be gone on with hangs on what it said: it is known only where that was done. */
  #goOn(broken: FailedChoice): void {
    const { route, plan } = this.#plan ?? {};
    const wasContinued = this.#call.attempts.some(({ isContinuation }) => isContinuation);
    const mayBe = wasContinued && route?.settings.retries.continueStreams === true;
    const next = mayBe
      ? plan?.continued(broken, (target) => continuableTarget(target) !== undefined)
      : undefined;
    if (next === undefined) {
      this.#finish(broken.choice.target.name, broken.failure);
      return;
    }
    this.#pending--;
    this.#try(next);
  }

  #teach({ choice }: SimulatedAttempt, failure: GatewayError | undefined, tookMs: number): void {
    const { route, rollout } = this.#plan ?? {};
    const first = { target: choice.target.name, failure, tookMs, stream: this.#call.stream };
    rollout?.note(route?.arm === CANARY_ARM, first);
  }

  #hasFailed(failed: FailedChoice): void {
    this.#pending--;
    this.#failed.push(failed);
    if (this.#pending > 0 || this.#isOver) return;
    const both = this.#failed;
    this.#failed = [];
    const next = this.#plan?.plan.after(both);
    if (next === undefined) this.#finish(undefined, failed.failure);
    else this.#try(next);
  }

  #finish(served: string | undefined, failure: GatewayError | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#tell({
      call: this.#call,
      route: this.#plan?.route,
      attempts: this.#attempts,
      tried: this.#tried,
      served,
      failure,
      record: this.#plan?.plan.record(),
      unknown: this.#facts?.unknown ?? NOTHING_UNKNOWN,
    });
  }
}
