import type { GatewayError } from "../model/gateway-error.ts";
import type { HealthSettings } from "../model/route-settings.ts";
import type { Usage } from "../model/usage.ts";
import { Breaker } from "./health/breaker.ts";
import type { CredentialState } from "./health/credential-state.ts";
import { effectOf } from "./health/failure-effect.ts";
import { type AnswerHeaders, readRateLimits } from "./health/rate-limit-headers.ts";
import { RateRoom } from "./health/rate-room.ts";
import type { LearntTarget } from "./learnt/learnt-target.ts";

/** A provider that limits the rate and doesn't say for how long is left alone for so long. */
const USUAL_REST_MS = 1000;
const LONGEST_REST_MS = 60_000;

/** Why a target should not be called now, the lesser hindrance first. */
export const REST_KINDS = ["full", "rate-limited", "open", "credential"] as const;

/** A state of a target in which another is to be preferred. */
export interface Rest {
  readonly kind: (typeof REST_KINDS)[number];
  /** When it may be over; undefined where nobody knows. */
  readonly untilMs: number | undefined;
}

/** How long a prompt is. */
export interface PromptSize {
  /** In tokens, estimated. */
  readonly roughInputTokens: number;
}

/** How a call to a target ended. */
export interface CallEnd {
  readonly failure?: GatewayError | undefined;
  readonly firstTokenMs?: number | undefined;
  readonly totalMs: number;
  readonly usage?: Usage | undefined;
  readonly stream: boolean;
}

/** What is shared by the targets of one model, and by those of one credential. */
export interface SharedStates {
  readonly learnt: LearntTarget;
  readonly credential: CredentialState;
}

/**
 * What is known of one target (a provider's model, called with one credential) from the calls made to it: whether it is
 * well, what room its rate limits leave, how many calls it has now. All that routing decides by rests on this; nothing
 * here decides.
 */
export class TargetState {
  readonly learnt: LearntTarget;
  readonly credential: CredentialState;
  readonly breaker: Breaker;
  readonly room = new RateRoom();
  readonly #health: () => HealthSettings;
  inFlight = 0;

  /** `health` gives the settings in force, `chance` numbers in [0, 1) by the moment. */
  constructor(shared: SharedStates, health: () => HealthSettings, chance: (nowMs: number) => number) {
    this.learnt = shared.learnt;
    this.credential = shared.credential;
    this.breaker = new Breaker(health, chance);
    this.#health = health;
  }

  /** Why another target is to be preferred now; undefined where none is. The prompt is measured where that matters. */
  rest(nowMs: number, prompt: PromptSize): Rest | undefined {
    const refused = this.credential.rest(nowMs);
    if (refused !== undefined) return { kind: "credential", untilMs: refused.untilMs };
    if (!this.breaker.admits(nowMs)) return { kind: "open", untilMs: this.breaker.openUntilMs };
    const fullUntilMs = this.room.fullUntilMs(this.room.countsTokens ? prompt.roughInputTokens : 0, nowMs);
    if (fullUntilMs !== undefined) return { kind: "rate-limited", untilMs: fullUntilMs };
    return this.credential.isFull ? { kind: "full", untilMs: undefined } : undefined;
  }

  /** A call of so many tokens begins; undefined where its credential has no place for it now. It must be ended. */
  enter(tokens: number): Ticket | undefined {
    return this.credential.enter() ? this.begin(tokens) : undefined;
  }

  /** A call begins that holds a place of its credential. It must be ended. */
  begin(tokens: number): Ticket {
    this.inFlight++;
    this.learnt.inFlight++;
    return new Ticket(this, this.breaker.begin(), this.room.begin(tokens));
  }

  /** A call has ended: learns from it. */
  ended(isProbe: boolean, end: CallEnd, nowMs: number): void {
    this.inFlight--;
    this.learnt.inFlight--;
    this.credential.leave();
    const { failure } = end;
    switch (effectOf(failure)) {
      case "well":
        this.#wasWell(isProbe, end, nowMs);
        break;
      case "failed":
        this.breaker.failed(isProbe, nowMs);
        break;
      case "refused-rate":
        this.breaker.released(isProbe);
        this.room.refuseUntil(nowMs + restMs(failure));
        break;
      case "refused-credential":
        this.breaker.released(isProbe);
        this.credential.refused(
          failure?.errorClass === "quota" ? "quota" : "auth",
          failure?.retryAfterMs,
          nowMs,
        );
        break;
      case "silent":
        this.breaker.released(isProbe);
        if (end.firstTokenMs === undefined) this.learnt.noteSilence(end.totalMs, nowMs);
        break;
      case "nothing":
        this.breaker.released(isProbe);
        break;
    }
  }

  /** A refusal of the request's own comes sooner than an answer would: it tells of health, not of speed. */
  #wasWell(isProbe: boolean, end: CallEnd, nowMs: number): void {
    const isSlow = end.failure === undefined && isSlower(end, this.#health().slowMs);
    this.breaker.succeeded(isProbe, isSlow, nowMs);
    this.credential.taken();
    if (end.failure === undefined) {
      this.learnt.note(
        { firstTokenMs: end.firstTokenMs, totalMs: end.totalMs, usage: end.usage, stream: end.stream },
        nowMs,
      );
    }
  }
}

function isSlower({ firstTokenMs, totalMs }: CallEnd, slowMs: number | undefined): boolean {
  return slowMs !== undefined && (firstTokenMs ?? totalMs) > slowMs;
}

function restMs(failure: GatewayError | undefined): number {
  return Math.min(Math.max(failure?.retryAfterMs ?? USUAL_REST_MS, 0), LONGEST_REST_MS);
}

/** One call to a target, from its choice to its end. */
export class Ticket {
  readonly state: TargetState;
  readonly #isProbe: boolean;
  readonly #number: number;
  #isEnded = false;

  constructor(state: TargetState, isProbe: boolean, number: number) {
    this.state = state;
    this.#isProbe = isProbe;
    this.#number = number;
  }

  /** The head of the answer is here: it may tell of rate limits. */
  answered(head: AnswerHeaders, nowMs: number): void {
    this.state.room.heard(this.#number, readRateLimits(head, nowMs), nowMs);
  }

  /** The call has ended. A second end changes nothing. */
  end(end: CallEnd, nowMs: number): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.state.ended(this.#isProbe, end, nowMs);
  }
}
