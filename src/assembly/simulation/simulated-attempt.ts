import type { NanoDollars } from "../../model/money.ts";
import { NO_COST } from "../../model/money.ts";
import { roughTokens } from "../../model/rough-tokens.ts";
import { NO_USAGE, type Usage } from "../../model/usage.ts";
import type { Choice } from "../../routing/plan.ts";
import type { Outcome } from "./likely-outcomes.ts";
import type { RecordedAttempt, RecordedCall } from "./recorded-call.ts";
import type { World } from "./world.ts";

/** A call upstream that would have been made. */
export interface SimulatedAttempt {
  readonly choice: Choice;
  readonly outcome: Outcome;
  readonly usage: Usage;
  /** Undefined where it has no price. */
  readonly cost: NanoDollars | undefined;
  /** The very one that was made, where one was. */
  readonly recorded: RecordedAttempt | undefined;
}

/** How an attempt would go: as it did where the same was made, else as is likely. */
export function simulatedAttempt(
  world: World,
  call: RecordedCall,
  choice: Choice,
  recorded: RecordedAttempt | undefined,
): SimulatedAttempt {
  const outcome = outcomeOf(world, call, choice.target.name, recorded);
  const usage = recorded?.usage ?? likelyUsage(call, choice, outcome);
  return { choice, outcome, usage, recorded, cost: costOf(world, call, choice, usage, recorded) };
}

/** Of one that was given up for another it is known only that it would have taken longer. */
function outcomeOf(
  { outcomes }: World,
  call: RecordedCall,
  target: string,
  recorded: RecordedAttempt | undefined,
): Outcome {
  if (recorded === undefined) return outcomes.guess(call, target);
  if (recorded.failure?.code !== "superseded") return recorded;
  const likely = outcomes.guess(call, target);
  const leastMs = recorded.totalMs + 1;
  const { firstTokenMs, totalMs, failure } = likely;
  const later = firstTokenMs === undefined ? undefined : Math.max(firstTokenMs, leastMs);
  return { failure, firstTokenMs: later, totalMs: Math.max(totalMs, leastMs) };
}

/** Answers are taken to be as long as the one that was given, and caches to hold what they have held lately. */
function likelyUsage({ attempts, bodyBytes }: RecordedCall, { state }: Choice, { failure }: Outcome): Usage {
  if (failure !== undefined) return NO_USAGE;
  const { learnt } = state;
  const answered = attempts.find((attempt) => attempt.failure === undefined)?.usage;
  const inputTokens = answered?.inputTokens ?? roughTokens(bodyBytes);
  return {
    ...(answered ?? NO_USAGE),
    source: "reported",
    inputTokens,
    cachedInputTokens: Math.round(inputTokens * (learnt.cachedShare.value ?? 0)),
    cacheWrite5mTokens: 0,
    cacheWrite1hTokens: 0,
    outputTokens: answered?.outputTokens ?? Math.round(learnt.outputTokens.value ?? USUAL_OUTPUT_TOKENS),
  };
}

const USUAL_OUTPUT_TOKENS = 200;

/** By the prices of the simulated configuration, as they held when the call was made. */
function costOf(
  { prices, events }: World,
  { operation }: RecordedCall,
  { target }: Choice,
  usage: Usage,
  recorded: RecordedAttempt | undefined,
): NanoDollars | undefined {
  if (operation === "count-tokens") return NO_COST;
  const { serviceTier } = recorded ?? {};
  const terms = serviceTier === undefined ? undefined : { serviceTier };
  const atMs = recorded?.startedAtMs ?? events.nowMs;
  return prices.cost(target.upstream.provider, target.model, usage, atMs, terms)?.cost;
}
