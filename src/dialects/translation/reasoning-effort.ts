import type { ReasoningEffort, ReasoningRequest } from "../../model/conversation.ts";
import type { Quirks } from "../../model/quirks.ts";
import type { Losses } from "./losses.ts";
import { effortOfBudget, nearestEffort } from "./reasoning-budget.ts";

/** The effort to ask a provider for: what the client said, or what its budget comes to; moved to one that is taken. */
export function effortOfRequest(
  { effort, budgetTokens, mode }: ReasoningRequest,
  { efforts }: Quirks,
  losses: Losses,
): ReasoningEffort | undefined {
  const wanted =
    mode === "off"
      ? "none"
      : (effort ?? (budgetTokens === undefined ? undefined : effortOfBudget(budgetTokens)));
  if (wanted === undefined) return undefined;
  const taken = efforts === undefined ? wanted : nearestEffort(wanted, efforts);
  if (taken !== wanted) losses.add("reasoning-effort", `"${taken}" was sent, the nearest that it takes`);
  return taken;
}
