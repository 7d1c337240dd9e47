import type { Usage } from "../../model/usage.ts";
import { DecayingMean } from "./decaying-mean.ts";

/** Shorter answers say nothing about speed. */
const LEAST_TIMED_TOKENS = 5;

/** How an answered call went, as far as it is learnt from. */
export interface AnsweredCall {
  readonly firstTokenMs: number | undefined;
  readonly totalMs: number;
  readonly usage: Usage | undefined;
  readonly stream: boolean;
}

/** What was learnt about a model at a provider, whatever credential it was called with. */
export class LearntTarget {
  inFlight = 0;
  /** Milliseconds to the first token; for answers that come whole, to all of it. */
  readonly firstTokenMs = new DecayingMean();
  /** Milliseconds per token after the first. */
  readonly tokenMs = new DecayingMean();
  readonly outputTokens = new DecayingMean();
  /** The share of input tokens that the provider's cache held, 0 to 1. */
  readonly cachedShare = new DecayingMean();

  note({ firstTokenMs, totalMs, usage, stream }: AnsweredCall, nowMs: number): void {
    this.firstTokenMs.add(firstTokenMs ?? totalMs, nowMs);
    if (usage === undefined) return;
    this.outputTokens.add(usage.outputTokens, nowMs);
    if (usage.source === "reported" && usage.inputTokens > 0) {
      this.cachedShare.add(Math.min(1, usage.cachedInputTokens / usage.inputTokens), nowMs);
    }
    if (stream && firstTokenMs !== undefined && usage.outputTokens >= LEAST_TIMED_TOKENS) {
      this.tokenMs.add(Math.max(0, totalMs - firstTokenMs) / (usage.outputTokens - 1), nowMs);
    }
  }

  /** A call was given up while it was silent: it would have taken longer still. */
  noteSilence(silentMs: number, nowMs: number): void {
    this.firstTokenMs.addAtLeast(silentMs, nowMs);
  }
}
