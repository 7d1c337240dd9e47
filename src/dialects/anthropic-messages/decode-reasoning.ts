import type { ReasoningRequest } from "../../model/conversation.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { numberMember } from "../json/members.ts";
import { isEffort } from "../translation/reasoning-budget.ts";

/** Members of `thinking` that have a canonical place. */
const THINKING_MEMBERS: ReadonlySet<string> = new Set(["type", "budget_tokens"]);

/** What a request says of thinking: `thinking` and `output_config.effort`. Undefined where it says nothing. */
export function decodeReasoning(thinking: unknown, effort: unknown): ReasoningRequest | undefined {
  const asked = isJsonObject(thinking) ? decodeThinking(thinking) : {};
  const reasoning = { ...asked, ...(isEffort(effort) && { effort }) };
  return Object.keys(reasoning).length === 0 ? undefined : reasoning;
}

/** What of `thinking` only Anthropic understands; undefined where there is nothing. */
export function thinkingExtension(thinking: unknown): JsonObject | undefined {
  if (!isJsonObject(thinking)) return undefined;
  const isCanonicalDisplay = shownOf(thinking) !== undefined || thinking["display"] === null;
  const rest = Object.entries(thinking).filter(
    ([name]) => !THINKING_MEMBERS.has(name) && !(name === "display" && isCanonicalDisplay),
  );
  return rest.length === 0 ? undefined : Object.fromEntries(rest);
}

function decodeThinking(thinking: JsonObject): ReasoningRequest {
  const budgetTokens = numberMember(thinking, "budget_tokens");
  const shown = shownOf(thinking);
  const mode = modeOf(thinking["type"]);
  return {
    ...(mode && { mode }),
    ...(budgetTokens !== undefined && { budgetTokens }),
    ...(shown && { shown }),
  };
}

/** `between_tools` is what Claude Sonnet 5.5 has for no thinking before the answer. */
function modeOf(type: unknown): ReasoningRequest["mode"] {
  switch (type) {
    case "enabled":
      return "on";
    case "adaptive":
      return "adaptive";
    case "disabled":
    case "between_tools":
      return "off";
    default:
      return undefined;
  }
}

function shownOf({ display }: JsonObject): ReasoningRequest["shown"] {
  if (display === "summarized") return "auto";
  return display === "omitted" ? "none" : undefined;
}
