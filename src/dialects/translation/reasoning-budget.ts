import type { ReasoningEffort } from "../../model/conversation.ts";

/** Efforts from the lowest to the highest. */
const EFFORTS: readonly ReasoningEffort[] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

/**
 * The budgets that stand for the efforts, in tokens: those of Google's own table for its models without levels
 * (https://ai.google.dev/gemini-api/docs/openai, "thinking"), continued upwards.
 */
const BUDGETS: { readonly [E in ReasoningEffort]: number } = {
  none: 0,
  minimal: 1_024,
  low: 1_024,
  medium: 8_192,
  high: 24_576,
  xhigh: 32_768,
  max: 49_152,
};

/** The budget that stands for an effort. */
export function budgetOfEffort(effort: ReasoningEffort): number {
  return BUDGETS[effort];
}

/** The effort whose budget is nearest below. */
export function effortOfBudget(budgetTokens: number): ReasoningEffort {
  if (budgetTokens <= 0) return "none";
  if (budgetTokens < 1_024) return "minimal";
  if (budgetTokens < 4_096) return "low";
  if (budgetTokens < 16_384) return "medium";
  return budgetTokens < 32_768 ? "high" : "xhigh";
}

/** The effort itself where it is taken; else the next below that is, or the lowest of those above. */
export function nearestEffort(effort: ReasoningEffort, taken: readonly ReasoningEffort[]): ReasoningEffort {
  const rank = EFFORTS.indexOf(effort);
  const ranked = [...taken].sort((one, other) => EFFORTS.indexOf(one) - EFFORTS.indexOf(other));
  const below = ranked.filter((candidate) => EFFORTS.indexOf(candidate) <= rank);
  return below.at(-1) ?? ranked[0] ?? effort;
}

/** True for a text that names an effort. */
export function isEffort(text: unknown): text is ReasoningEffort {
  return EFFORTS.some((effort) => effort === text);
}
