import type { HealthSettings } from "../../model/route-settings.ts";
import { OutcomeWindow } from "./outcome-window.ts";

/**
 * - `closed`: calls go through.
 * - `open`: none should.
 * - `half-open`: one may go and find out.
 */
export type BreakerState = "closed" | "open" | "half-open";

/** How far apart two breakers' times may come to be that opened together: a quarter either way. */
const JITTER = 0.25;

/**
 * Takes a target out that fails, by what its own calls show: so many failures in a row, or a share of the last while's.
 * After a time one call may try it: that one closes it again, or opens it for twice as long. Whether a call is made all
 * the same, because nothing else is left, is not for it to say.
 */
export class Breaker {
  readonly #settings: () => HealthSettings;
  readonly #chance: (nowMs: number) => number;
  #window: OutcomeWindow;
  #inRow = 0;
  /** Probes in a row that did not reach it. */
  #unreached = 0;
  #isOpen = false;
  #openUntilMs = 0;
  #openings = 0;
  #closedAtMs = 0;
  #probes = 0;
  /** Held open because it can't be reached. */
  #isHeld = false;

  /**
   * `settings` gives those in force: a configuration may change them. `chance` gives numbers in [0, 1), the same for the
   * same moment, so that what a breaker did can be told again from when its calls ended.
   */
  constructor(settings: () => HealthSettings, chance: (nowMs: number) => number) {
    this.#settings = settings;
    this.#chance = chance;
    this.#window = new OutcomeWindow(settings().windowMs);
  }

  state(nowMs: number): BreakerState {
    if (!this.#isOpen) return "closed";
    return nowMs < this.#openUntilMs ? "open" : "half-open";
  }

  /** When the next call may find out; meaningless while it is closed. */
  get openUntilMs(): number {
    return this.#openUntilMs;
  }

  /** Whether a call may go there as to any other. Of half-open ones, a single call at a time. */
  admits(nowMs: number): boolean {
    return !this.#isOpen || (nowMs >= this.#openUntilMs && this.#probes === 0);
  }

  /** A call begins; true where its end will tell whether the target is well again. */
  begin(): boolean {
    if (this.#isOpen) this.#probes++;
    return this.#isOpen;
  }

  succeeded(isProbe: boolean, isSlow: boolean, nowMs: number): void {
    if (isProbe) this.#probes--;
    if (this.#isOpen) {
      // What began before it opened says nothing about now.
      if (isProbe) this.#tried(!isSlow, nowMs);
      return;
    }
    this.#inRow = 0;
    this.#unreached = 0;
    if (nowMs - this.#closedAtMs >= this.#settings().windowMs) this.#openings = 0;
    this.#count(isSlow ? "slow" : "ok", nowMs);
    if (isSlow) this.#judge(nowMs);
  }

  failed(isProbe: boolean, nowMs: number): void {
    if (isProbe) this.#probes--;
    if (this.#isOpen) {
      if (isProbe) this.#tried(false, nowMs);
      return;
    }
    this.#inRow++;
    this.#count("failed", nowMs);
    this.#judge(nowMs);
  }

  /** A call ended that says nothing about the target: its client left, or the fault was its own. */
  released(isProbe: boolean): void {
    if (isProbe) this.#probes--;
  }

  /**
   * It was asked for what costs nothing. That it was reached says less than that a call went well: where it was not before,
   * a call may find out now. Where it was not, that counts as a failed call, and none is to try it before `knownAnewMs`.
   */
  probed(isReached: boolean, nowMs: number, knownAnewMs: number): void {
    if (isReached) this.#letTry(nowMs);
    else this.#hold(nowMs, knownAnewMs);
  }

  #letTry(nowMs: number): void {
    if (this.#isOpen && this.#isHeld) this.#openUntilMs = Math.min(this.#openUntilMs, nowMs);
    this.#isHeld = false;
    this.#unreached = 0;
  }

  #hold(nowMs: number, untilMs: number): void {
    if (!this.#isOpen) this.#missed(nowMs);
    if (!this.#isOpen) return;
    this.#isHeld = true;
    this.#openUntilMs = Math.max(this.#openUntilMs, untilMs);
  }

  /** Counted apart: a later probe that reaches it ends this row, and none of calls that failed. */
  #missed(nowMs: number): void {
    this.#unreached++;
    this.#count("failed", nowMs);
    this.#judge(nowMs);
  }

  #count(outcome: "ok" | "failed" | "slow", nowMs: number): void {
    const { windowMs } = this.#settings();
    if (windowMs !== this.#window.lengthMs) this.#window = new OutcomeWindow(windowMs);
    this.#window.add(outcome, nowMs);
  }

  #tried(isWell: boolean, nowMs: number): void {
    // Of several that were made although it was open, only one opens it for longer.
    if (!isWell && nowMs < this.#openUntilMs) return;
    if (isWell) this.#close(nowMs);
    else this.#open(nowMs);
  }

  #judge(nowMs: number): void {
    const { consecutiveFailures, failurePercent, minCalls } = this.#settings();
    if (this.#inRow + this.#unreached >= consecutiveFailures) {
      this.#open(nowMs);
      return;
    }
    const { calls, failed, slow } = this.#window.counts(nowMs);
    if (calls < minCalls) return;
    const limit = (failurePercent / 100) * calls;
    if (failed >= limit || slow >= limit) this.#open(nowMs);
  }

  #open(nowMs: number): void {
    const { openMs, maxOpenMs } = this.#settings();
    const lengthMs = Math.min(openMs * 2 ** Math.min(this.#openings, 30), maxOpenMs);
    this.#isOpen = true;
    this.#openings++;
    this.#openUntilMs = nowMs + lengthMs * (1 - JITTER + 2 * JITTER * this.#chance(nowMs));
  }

  /** What it did before is no evidence any more; how often it was out is, until it has been well for a window. */
  #close(nowMs: number): void {
    this.#isOpen = false;
    this.#isHeld = false;
    this.#closedAtMs = nowMs;
    this.#inRow = 0;
    this.#unreached = 0;
    this.#window.clear();
  }
}
