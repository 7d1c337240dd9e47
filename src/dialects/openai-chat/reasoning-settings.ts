import type { ReasoningEffort, ReasoningRequest } from "../../model/conversation.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Quirks } from "../../model/quirks.ts";
import type { Losses } from "../translation/losses.ts";
import { budgetOfEffort } from "../translation/reasoning-budget.ts";
import { effortOfRequest } from "../translation/reasoning-effort.ts";

/**
 * How hard the model is asked to think: by `reasoning_effort`
 * (https://platform.openai.com/docs/api-reference/chat/create), or as the vendor has it. A vendor with a switch has no
 * effort `none`: the switch says it.
 */
export function encodeReasoningSettings(
  reasoning: ReasoningRequest | undefined,
  quirks: Quirks,
  losses: Losses,
): JsonObject {
  if (reasoning === undefined) return {};
  if (quirks.lacks?.includes("reasoning-effort") === true) return leaveOut(reasoning, losses);
  const effort = effortOfRequest(reasoning, quirks, losses);
  const { thinkingSwitch } = quirks;
  if (thinkingSwitch === undefined) return sayEffort(reasoning, effort, quirks, losses);
  if (effort === "none") return SWITCHES[thinkingSwitch](false);
  const isOn = effort !== undefined || (reasoning.mode !== undefined && reasoning.mode !== "off");
  return isOn ? { ...SWITCHES[thinkingSwitch](true), ...sayEffort(reasoning, effort, quirks, losses) } : {};
}

/** The effort has been left out already; a budget would come to one. */
function leaveOut({ budgetTokens = 0 }: ReasoningRequest, losses: Losses): JsonObject {
  if (budgetTokens > 0) losses.add("reasoning-budget", "left out");
  return {};
}

/** Where each vendor's switch is. */
const SWITCHES: { readonly [S in NonNullable<Quirks["thinkingSwitch"]>]: (isOn: boolean) => JsonObject } = {
  // https://api-docs.deepseek.com/guides/thinking_mode
  thinking: (isOn) => ({ thinking: { type: isOn ? "enabled" : "disabled" } }),
  // https://www.alibabacloud.com/help/en/model-studio/deep-thinking
  enable_thinking: (isOn) => ({ enable_thinking: isOn }),
  // https://docs.together.ai/reference/chat-completions-1
  reasoning: (isOn) => ({ reasoning: { enabled: isOn } }),
};

function sayEffort(
  { budgetTokens }: ReasoningRequest,
  effort: ReasoningEffort | undefined,
  { reasoningBy }: Quirks,
  losses: Losses,
): JsonObject {
  if (effort === undefined) return {};
  switch (reasoningBy) {
    case "budget":
      return { thinking_budget: budgetTokens ?? budgetOfEffort(effort) };
    case "switch":
      losses.add("reasoning-effort", "thinking was switched on; how hard is the model's own choice");
      return {};
    default:
      return { reasoning_effort: effort };
  }
}
