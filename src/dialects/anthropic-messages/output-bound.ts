import type { Quirks } from "../../model/quirks.ts";
import type { Losses } from "../translation/losses.ts";

/**
 * `max_tokens` where neither the client nor the model's family says one: it is required here, and all of Anthropic's
 * models since Claude 3.5 take as many (https://platform.claude.com/docs/en/about-claude/models/overview).
 */
const USUAL_OUTPUT_LIMIT = 8_192;

/** The least `budget_tokens` (https://platform.claude.com/docs/en/build-with-claude/extended-thinking). */
export const LEAST_BUDGET = 1_024;

/** `max_tokens`, and whether the client said it, so that it may not be raised. */
export interface OutputBound {
  readonly maxTokens: number;
  readonly isAsked: boolean;
}

/** The bound on the output, which this dialect demands. */
export function outputBound(asked: number | undefined, { outputLimit }: Quirks, losses: Losses): OutputBound {
  if (asked === undefined) return { maxTokens: outputLimit ?? USUAL_OUTPUT_LIMIT, isAsked: false };
  if (outputLimit === undefined || asked <= outputLimit) return { maxTokens: asked, isAsked: true };
  losses.add("max-output-tokens", `${outputLimit} was sent, the most it takes`);
  return { maxTokens: outputLimit, isAsked: true };
}

/**
 * A budget must be less than `max_tokens`, which covers the answer too: it gives way to a bound that the client set,
 * leaving a fifth for the answer, and raises one that nobody set. Undefined where there is no room for thinking at all.
 */
export function roomForBudget(
  wanted: number,
  bound: OutputBound,
  { outputLimit }: Quirks,
): { readonly budget: number; readonly bound: OutputBound } | undefined {
  if (wanted < bound.maxTokens) return { budget: wanted, bound };
  if (!bound.isAsked && outputLimit === undefined)
    return { budget: wanted, bound: { ...bound, maxTokens: wanted + USUAL_OUTPUT_LIMIT } };
  if (bound.maxTokens <= LEAST_BUDGET) return undefined;
  return { budget: Math.max(LEAST_BUDGET, Math.floor((bound.maxTokens * 4) / 5)), bound };
}
