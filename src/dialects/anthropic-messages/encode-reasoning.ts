import type { ReasoningEffort, ReasoningRequest } from "../../model/conversation.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Quirks } from "../../model/quirks.ts";
import type { Losses } from "../translation/losses.ts";
import { budgetOfEffort, effortOfBudget, nearestEffort } from "../translation/reasoning-budget.ts";
import { LEAST_BUDGET, type OutputBound, roomForBudget } from "./output-bound.ts";

/** How a request asks for thinking. */
export interface ThinkingPlan {
  /** `thinking`; absent where nothing is said of it. */
  readonly thinking?: JsonObject;
  /** `output_config.effort`. */
  readonly effort?: ReasoningEffort;
  /** True where the model will think, or may: sampling is bound then. */
  readonly isOn: boolean;
  readonly bound: OutputBound;
}

/** What the plan depends on beside the wish. */
export interface ThinkingCircumstances {
  readonly quirks: Quirks;
  readonly bound: OutputBound;
  /** A tool must be called: no model thinks then (.../docs/en/build-with-claude/thinking, "thinking with tool use"). */
  readonly mustCall: boolean;
  readonly losses: Losses;
}

/** The highest effort at which thinking can be switched off, in the models that think by themselves. */
const MOST_WITHOUT_THINKING: ReasoningEffort = "high";

/**
 * Thinking as each family of models takes it (https://platform.claude.com/docs/en/build-with-claude/thinking and
 * .../effort): by a budget of tokens, or as the model sees fit, with an effort.
 */
export function planThinking(
  reasoning: ReasoningRequest | undefined,
  circumstances: ThinkingCircumstances,
): ThinkingPlan {
  const { mustCall, losses, quirks } = circumstances;
  const isWanted = reasoning !== undefined && isAsked(reasoning);
  if (mustCall && quirks.thinkingOff !== "never") {
    if (isWanted)
      losses.add("reasoning-effort", "left out: a tool must be called, and the model can't think then");
    return isWanted || quirks.thinksByDefault === true || isOff(reasoning)
      ? planOff(reasoning, circumstances)
      : planSilence(circumstances);
  }
  if (isWanted) return planOn(reasoning, circumstances);
  return isOff(reasoning) ? planOff(reasoning, circumstances) : planSilence(circumstances);
}

function isOff(reasoning: ReasoningRequest | undefined): boolean {
  if (reasoning === undefined) return false;
  const { mode, effort, budgetTokens } = reasoning;
  return (
    mode === "off" ||
    (mode === undefined && (effort === "none" || (effort === undefined && budgetTokens === 0)))
  );
}

function isAsked(reasoning: ReasoningRequest): boolean {
  const { mode, effort, budgetTokens } = reasoning;
  if (isOff(reasoning)) return false;
  return mode !== undefined || effort !== undefined || (budgetTokens ?? 0) > 0;
}

function planSilence({ quirks, bound }: ThinkingCircumstances): ThinkingPlan {
  return { isOn: quirks.thinksByDefault === true, bound };
}

function planOn(reasoning: ReasoningRequest, circumstances: ThinkingCircumstances): ThinkingPlan {
  const { quirks, bound, losses } = circumstances;
  switch (quirks.reasoningBy ?? "budget") {
    case "budget":
      return planBudget(reasoning, circumstances);
    case "adaptive":
      return {
        thinking: { type: "adaptive", ...displayOf(reasoning, losses) },
        ...effortFor(reasoning, quirks, losses),
        isOn: true,
        bound,
      };
    default:
      return { ...effortFor(reasoning, quirks, losses), isOn: true, bound };
  }
}

function planBudget(reasoning: ReasoningRequest, circumstances: ThinkingCircumstances): ThinkingPlan {
  const { quirks, losses, bound } = circumstances;
  const { effort, budgetTokens } = reasoning;
  const wanted = budgetTokens ?? budgetOfEffort(effort ?? "medium");
  if (budgetTokens === undefined && effort === undefined)
    losses.add("reasoning-budget", `${wanted} was sent: the model can't choose by itself`);
  const room = roomForBudget(Math.max(wanted, LEAST_BUDGET), bound, quirks);
  if (room === undefined) {
    losses.add(
      "reasoning-budget",
      `left out: the bound on the output leaves no ${LEAST_BUDGET} tokens to think with`,
    );
    return planOff(reasoning, circumstances);
  }
  if (room.budget !== wanted && wanted > 0)
    losses.add("reasoning-budget", `${room.budget} was sent, the nearest that it takes`);
  const takesEffort = effort !== undefined && (quirks.efforts ?? []).length > 0;
  return {
    thinking: { type: "enabled", budget_tokens: room.budget, ...displayOf(reasoning, losses) },
    ...(takesEffort && effortFor({ effort }, quirks, losses)),
    isOn: true,
    bound: room.bound,
  };
}

function planOff(
  reasoning: ReasoningRequest | undefined,
  circumstances: ThinkingCircumstances,
): ThinkingPlan {
  const { quirks, losses, bound } = circumstances;
  const { thinkingOff = "disabled", efforts = [] } = quirks;
  if (thinkingOff === "never") {
    const least = nearestEffort("low", efforts);
    losses.add("reasoning-effort", `"${least}" was sent: the model's thinking can't be switched off`);
    return { effort: least, isOn: true, bound };
  }
  const effort = effortWithoutThinking(reasoning?.effort, quirks, losses);
  return { thinking: { type: thinkingOff }, ...(effort && { effort }), isOn: false, bound };
}

/** An effort bounds more than thinking, so it is kept where thinking is off, as far as both go together. */
function effortWithoutThinking(
  effort: ReasoningEffort | undefined,
  { efforts = [] }: Quirks,
  losses: Losses,
): ReasoningEffort | undefined {
  if (effort === undefined || effort === "none" || efforts.length === 0) return undefined;
  const isTooHigh = effort === "xhigh" || effort === "max";
  const taken = nearestEffort(isTooHigh ? MOST_WITHOUT_THINKING : effort, efforts);
  if (taken !== effort) losses.add("reasoning-effort", `"${taken}" was sent, the nearest that it takes`);
  return taken;
}

function effortFor(
  { effort, budgetTokens }: ReasoningRequest,
  { efforts }: Quirks,
  losses: Losses,
): Pick<ThinkingPlan, "effort"> {
  const wanted =
    effort === "none" ? undefined : (effort ?? (budgetTokens ? effortOfBudget(budgetTokens) : undefined));
  if (wanted === undefined) return {};
  const taken = nearestEffort(wanted, efforts ?? ALL_EFFORTS);
  if (effort === undefined) losses.add("reasoning-budget", `the effort "${taken}" stands for it`);
  else if (taken !== effort) losses.add("reasoning-effort", `"${taken}" was sent, the nearest that it takes`);
  return { effort: taken };
}

/** Those that Anthropic has words for. */
const ALL_EFFORTS: readonly ReasoningEffort[] = ["low", "medium", "high", "xhigh", "max"];

/** Newer models show none of their thinking unless they are asked for a summary. */
function displayOf({ shown }: ReasoningRequest, losses: Losses): JsonObject {
  if (shown === undefined) return {};
  if (shown === "none") return { display: "omitted" };
  if (shown !== "auto") losses.add("reasoning-shown", '"summarized" was sent: there is one kind of summary');
  return { display: "summarized" };
}
