import type { Conversation, ReasoningRequest } from "../../model/conversation.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Quirks } from "../../model/quirks.ts";
import type { Losses } from "../translation/losses.ts";
import { budgetOfEffort, nearestEffort } from "../translation/reasoning-budget.ts";
import { effortOfRequest } from "../translation/reasoning-effort.ts";

/** How a request's reasoning is asked for. */
export interface EncodedReasoning {
  /** Of `additionalModelRequestFields`. */
  readonly fields: JsonObject;
  /** Of `outputConfig`. */
  readonly effort?: string;
  /** The bound on the output that thinking by a budget needs beside it. */
  readonly maxTokens?: number;
  /** True where Claude thinks: then it takes no sampling, and no tool can be forced. */
  readonly isThinking: boolean;
}

const UNASKED: EncodedReasoning = { fields: {}, isThinking: false };

/** Reasoning, in the words of the model's family; `mustCall` where a tool must be called. */
export function encodeReasoning(
  conversation: Conversation,
  quirks: Quirks,
  losses: Losses,
  mustCall: boolean,
): EncodedReasoning {
  const { reasoning } = conversation;
  if (reasoning === undefined || !isAsked(reasoning)) return unasked(quirks, mustCall);
  if (quirks.converse?.reasoning === "thinking") {
    const isByBudget = quirks.reasoningBy === "budget";
    return isByBudget
      ? thinkingByBudget(conversation, quirks, losses)
      : thinkingByEffort(conversation, quirks, losses);
  }
  const effort = effortOfRequest(reasoning, quirks, losses);
  if (effort === undefined) return UNASKED;
  switch (quirks.converse?.reasoning) {
    case "reasoning_effort":
      return { fields: { reasoning_effort: effort }, isThinking: false };
    case "reasoning.effort":
      return { fields: { reasoning: { effort } }, isThinking: false };
    case "reasoningConfig":
      return { fields: { reasoningConfig: novaReasoning(effort) }, isThinking: false };
    default:
      return { fields: {}, effort, isThinking: false };
  }
}

/** A model that thinks by itself can't be made to call a tool until it is told not to think. */
function unasked({ thinksByDefault, thinkingOff }: Quirks, mustCall: boolean): EncodedReasoning {
  if (thinksByDefault !== true) return UNASKED;
  if (!mustCall || thinkingOff === "never") return { fields: {}, isThinking: true };
  return { fields: { thinking: { type: thinkingOff ?? "disabled" } }, isThinking: false };
}

/** How reasoning is shown says nothing of whether there shall be any. */
function isAsked({ mode, effort, budgetTokens }: ReasoningRequest): boolean {
  return mode !== undefined || effort !== undefined || budgetTokens !== undefined;
}

/** https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html */
function novaReasoning(effort: string): JsonObject {
  return effort === "none" ? { type: "disabled" } : { type: "enabled", maxReasoningEffort: effort };
}

const LEAST_BUDGET = 1024;
/** What an answer is left beside the thinking, where the client bounds neither. */
const ANSWER_TOKENS = 4096;

/**
 * Claude up to 4.5 (https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html): the
 * budget is at least 1,024 tokens, and less than the whole output may have.
 */
function thinkingByBudget(
  { reasoning, sampling }: Conversation,
  { outputLimit = Number.POSITIVE_INFINITY }: Quirks,
  losses: Losses,
): EncodedReasoning {
  const { mode, effort, budgetTokens } = reasoning ?? {};
  const wanted = budgetTokens ?? budgetOfEffort(effort ?? "medium");
  if (mode === "off" || wanted <= 0) return UNASKED;
  const { maxOutputTokens } = sampling;
  const most = maxOutputTokens === undefined ? outputLimit - ANSWER_TOKENS : maxOutputTokens - 1;
  const feature = budgetTokens === undefined ? "reasoning-effort" : "reasoning-budget";
  if (most < LEAST_BUDGET) {
    losses.add(feature, `left out: the output may have ${maxOutputTokens} tokens, too few to think with`);
    return UNASKED;
  }
  const budget = Math.min(Math.max(wanted, LEAST_BUDGET), most);
  if (budgetTokens !== undefined && budget !== budgetTokens)
    losses.add(feature, `${budget} tokens were sent, within what it takes`);
  return {
    fields: { thinking: { type: "enabled", budget_tokens: budget } },
    ...(maxOutputTokens === undefined && { maxTokens: budget + ANSWER_TOKENS }),
    isThinking: true,
  };
}

/** What Claude takes where no effort is said; Converse shows no thinking at all unless one is. */
const USUAL_EFFORT = "high";

/** Claude from 4.6 on: how long it thinks is its own choice, and the effort says how hard it tries. */
function thinkingByEffort({ reasoning }: Conversation, quirks: Quirks, losses: Losses): EncodedReasoning {
  if (reasoning === undefined) return UNASKED;
  if (isOff(reasoning)) return thinkingOff(quirks, losses);
  const effort = effortOfRequest(reasoning, quirks, losses) ?? USUAL_EFFORT;
  return {
    fields: { thinking: { type: "adaptive", ...displayOf(reasoning, losses) } },
    effort,
    isThinking: true,
  };
}

function isOff({ mode, effort, budgetTokens }: ReasoningRequest): boolean {
  return mode === "off" || effort === "none" || (effort === undefined && budgetTokens === 0);
}

function thinkingOff({ thinkingOff = "disabled", efforts = [] }: Quirks, losses: Losses): EncodedReasoning {
  if (thinkingOff !== "never") return { fields: { thinking: { type: thinkingOff } }, isThinking: false };
  const effort = nearestEffort("low", efforts);
  losses.add("reasoning-effort", `"${effort}" was sent: the model's thinking can't be switched off`);
  return { fields: {}, effort, isThinking: true };
}

function displayOf({ shown }: ReasoningRequest, losses: Losses): JsonObject {
  if (shown === undefined) return {};
  if (shown === "none") return { display: "omitted" };
  if (shown !== "auto") losses.add("reasoning-shown", '"summarized" was sent: there is one kind of summary');
  return { display: "summarized" };
}
