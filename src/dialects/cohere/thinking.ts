import type { ReasoningRequest } from "../../model/conversation.ts";
import type { JsonObject } from "../../model/json.ts";
import { budgetOfEffort } from "../translation/reasoning-budget.ts";

/**
 * `thinking` (https://docs.cohere.com/v2/docs/reasoning): models that can think do so unless it is turned off, within a
 * budget of tokens. Undefined where nothing is asked of it.
 */
export function encodeThinkingRequest(reasoning: ReasoningRequest | undefined): JsonObject | undefined {
  if (reasoning === undefined) return undefined;
  const { mode, effort, budgetTokens } = reasoning;
  const budget = budgetTokens ?? (effort === undefined ? undefined : budgetOfEffort(effort));
  if (mode === "off" || (budget !== undefined && budget <= 0)) return { type: "disabled" };
  if (budget !== undefined) return { type: "enabled", token_budget: budget };
  return mode === undefined ? undefined : { type: "enabled" };
}
