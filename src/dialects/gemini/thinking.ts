import type { ReasoningEffort, ReasoningRequest } from "../../model/conversation.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Quirks } from "../../model/quirks.ts";
import type { Losses } from "../translation/losses.ts";
import { budgetOfEffort, isEffort } from "../translation/reasoning-budget.ts";
import { effortOfRequest } from "../translation/reasoning-effort.ts";
import { either, numberOf, textOf } from "./members.ts";

/** The budget that leaves it to the model how long it thinks. */
const AS_IT_SEES_FIT = -1;
/** The levels that there are; a model's quirks may know fewer. */
const LEVELS: readonly ReasoningEffort[] = ["minimal", "low", "medium", "high"];

/**
 * `thinkingConfig` (https://ai.google.dev/gemini-api/docs/thinking): a level (Gemini 3 and later) or a budget, 0 being
 * off and -1 as the model sees fit.
 */
export function decodeThinking(config: JsonObject): ReasoningRequest | undefined {
  const level = textOf(config, "thinkingLevel")?.toLowerCase();
  const budget = numberOf(config, "thinkingBudget");
  const thoughts = either(config, "includeThoughts");
  const request: ReasoningRequest = {
    ...(budget !== undefined && decodeBudget(budget)),
    ...(isEffort(level) && { effort: level }),
    ...(typeof thoughts === "boolean" && { shown: thoughts ? "auto" : "none" }),
  };
  return Object.keys(request).length === 0 ? undefined : request;
}

/** Level and budget exclude each other, so one of them is sent, by what the model's family takes. */
export function encodeThinking(request: ReasoningRequest, quirks: Quirks, losses: Losses): JsonObject {
  const amount =
    wantsBudget(request, quirks) === true
      ? encodeBudget(request, quirks, losses)
      : encodeLevel(request, quirks, losses);
  const { shown } = request;
  return { ...amount, ...(shown !== undefined && { includeThoughts: shown !== "none" }) };
}

function decodeBudget(budget: number): ReasoningRequest {
  if (budget === 0) return { mode: "off" };
  return budget < 0 ? { mode: "adaptive" } : { mode: "on", budgetTokens: budget };
}

/** Of a model that is not known, what the client said is sent as it said it: all of Google's take a budget still. */
function wantsBudget({ mode, effort, budgetTokens }: ReasoningRequest, { reasoningBy }: Quirks): boolean {
  if (reasoningBy !== undefined) return reasoningBy === "budget";
  return mode === "off" || effort === "none" || (effort === undefined && budgetTokens !== undefined);
}

function encodeBudget(request: ReasoningRequest, quirks: Quirks, losses: Losses): JsonObject {
  const budget = budgetOf(request);
  if (budget === undefined) return {};
  const { least = 0, most = Number.POSITIVE_INFINITY, off = true } = quirks.reasoningBudget ?? {};
  const fits = budget === AS_IT_SEES_FIT || (budget === 0 ? off : budget >= least && budget <= most);
  if (fits) return { thinkingBudget: budget };
  const moved = Math.min(Math.max(budget, least), most);
  const feature = request.budgetTokens === undefined ? "reasoning-effort" : "reasoning-budget";
  // An effort has no fixed number of tokens: only that it can't be none is news.
  if (request.budgetTokens !== undefined || budget === 0)
    losses.add(feature, `${moved} tokens were granted, the nearest that it takes`);
  return { thinkingBudget: moved };
}

function budgetOf({ mode, effort, budgetTokens }: ReasoningRequest): number | undefined {
  if (mode === "off") return 0;
  if (budgetTokens !== undefined) return budgetTokens;
  if (effort !== undefined) return budgetOfEffort(effort);
  return mode === undefined ? undefined : AS_IT_SEES_FIT;
}

/** A level is never "off" and never "as you see fit": for the latter the model's own default stands. */
function encodeLevel(request: ReasoningRequest, quirks: Quirks, losses: Losses): JsonObject {
  const { efforts = LEVELS } = quirks;
  const level = effortOfRequest(request, { ...quirks, efforts }, losses);
  return level === undefined ? {} : { thinkingLevel: level.toUpperCase() };
}
