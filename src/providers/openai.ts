import type { Feature } from "../model/loss.ts";
import type { Provider } from "../model/provider.ts";
import type { FamilyQuirks } from "../model/quirks.ts";

/** Models that think before they answer (https://platform.openai.com/docs/guides/reasoning). */
const REASONING = ["o1*", "o3*", "o4*", "gpt-5*", "gpt-6*", "codex-*", "computer-use-*", "gpt-daybreak-*"];

/** Those of the names among them that do not. */
const GPT_5_CHAT = ["gpt-5-chat*"];
const NOT_REASONING = [...GPT_5_CHAT, "gpt-5-search-api*"];

/** Models with no chat completions (https://platform.openai.com/docs/models, "endpoints" of each). */
const RESPONSES_ONLY = [
  "*codex*",
  "*-pro",
  "*-pro-20*",
  "*deep-research*",
  "computer-use-*",
  "gpt-daybreak-*",
  "*-cyber*",
  "*rosalind*",
];

/** Models with chat completions alone: those that hear, speak, or search by themselves. */
const CHAT_ONLY = ["*audio*", "*-search-preview*", "gpt-5-search-api*"];

/** Models that complete a text and can't converse. */
const COMPLETIONS_ONLY = ["gpt-3.5-turbo-instruct*", "davinci-002*", "babbage-002*"];

const DRAWN_BY_CHANCE: readonly Feature[] = ["temperature", "top-p", "log-probabilities"];
const PENALTIES: readonly Feature[] = ["frequency-penalty", "presence-penalty"];

/** https://platform.openai.com/docs/guides/reasoning and .../latest-model, "parameter compatibility". */
const QUIRKS: readonly FamilyQuirks[] = [
  {
    outputBound: "max_completion_tokens",
    endUserMember: "safety_identifier",
    // Chat completions take no reasoning back; Responses take it with its proof, which is not lacking there.
    lacks: ["reasoning-history"],
  },
  {
    models: ["gpt-3.5*", "gpt-4*", "chatgpt-4o*", "ft:gpt-3.5*", "ft:gpt-4*", ...NOT_REASONING],
    lacks: ["reasoning-effort", "reasoning-budget", "reasoning-shown", "verbosity"],
  },
  { models: ["gpt-4o*", "chatgpt-4o*"], outputLimit: 16_384 },
  { models: ["gpt-4.1*"], outputLimit: 32_768 },

  // The o-series.
  {
    models: ["o1*", "o3*", "o4*"],
    instructionRole: "developer",
    lacks: [...DRAWN_BY_CHANCE, ...PENALTIES, "parallel-tool-calls", "verbosity"],
    efforts: ["low", "medium", "high"],
    outputLimit: 100_000,
  },
  { models: ["o3", "o3-20*", "o3-pro*", "o4-mini*"], lacks: ["stop"] },
  { models: ["*deep-research*"], efforts: ["medium"] },

  // GPT-5 and what followed. From 5.1 on a model may be asked not to think, and then takes what it else refuses.
  {
    models: ["gpt-5*", "gpt-6*"],
    instructionRole: "developer",
    lacks: [...PENALTIES, "stop"],
    outputLimit: 128_000,
  },
  {
    models: ["gpt-5", "gpt-5-20*", "gpt-5-mini*", "gpt-5-nano*", "gpt-5-codex*", "gpt-5-pro*"],
    lacks: DRAWN_BY_CHANCE,
    efforts: ["minimal", "low", "medium", "high"],
  },
  { models: ["gpt-5-codex*", "gpt-5.1-codex*"], efforts: ["low", "medium", "high"] },
  { models: ["gpt-5-pro*"], efforts: ["high"], outputLimit: 272_000 },
  { models: ["gpt-5.*", "gpt-6*"], lacksWhileReasoning: DRAWN_BY_CHANCE },
  { models: ["gpt-5.1", "gpt-5.1-20*", "gpt-5.1-mini*"], efforts: ["none", "low", "medium", "high"] },
  {
    models: ["gpt-5.1", "gpt-5.1-20*", "gpt-5.1-mini*", "gpt-5.2", "gpt-5.2-20*", "gpt-5.4", "gpt-5.4-20*"],
    usualEffort: "none",
  },
  { models: ["gpt-5.4-mini*", "gpt-5.4-nano*"], usualEffort: "none" },
  {
    models: ["gpt-5.2*", "gpt-5.3*", "gpt-5.4*", "gpt-5.5*"],
    efforts: ["none", "low", "medium", "high", "xhigh"],
  },
  { models: ["gpt-5.6*", "gpt-6*"], efforts: ["none", "low", "medium", "high", "xhigh", "max"] },
  { models: ["gpt-6-astra*", "gpt-6.1-sol*"], efforts: ["low", "medium", "high", "xhigh", "max"] },
  {
    models: ["gpt-5.1-codex-max*", "gpt-5.2-codex*", "gpt-5.3-codex*"],
    efforts: ["low", "medium", "high", "xhigh"],
  },
  { models: ["gpt-5.2-pro*", "gpt-5.4-pro*", "gpt-5.5-pro*"], efforts: ["medium", "high", "xhigh"] },
  { models: ["gpt-5.1-chat*", "gpt-5.2-chat*", "gpt-5.3-chat*"], efforts: ["medium"], outputLimit: 16_384 },
  { models: GPT_5_CHAT, outputLimit: 16_384 },
];

/**
 * OpenAI: https://platform.openai.com/docs/api-reference, error codes: /docs/guides/error-codes
 *
 * Of its two APIs for conversations a translated call goes to Responses where the model thinks: there what it thought
 * comes with a proof and is taken back with the next turn, and is shown summed up; and from GPT-5.4 on chat completions
 * refuse tools together with any effort to think. Models that don't think are asked by chat completions, which alone
 * take stop sequences, seeds, penalties and several answers. A client's own dialect goes first in any case.
 */
export const openai: Provider = Object.freeze({
  id: "openai",
  title: "OpenAI",
  endpoints: [
    { dialect: "openai-responses", models: REASONING, exceptModels: NOT_REASONING },
    { dialect: "openai-chat", exceptModels: [...RESPONSES_ONLY, ...COMPLETIONS_ONLY] },
    { dialect: "openai-responses", exceptModels: [...REASONING, ...CHAT_ONLY, ...COMPLETIONS_ONLY] },
    { dialect: "openai-responses", models: GPT_5_CHAT },
    { dialect: "openai-completions", models: COMPLETIONS_ONLY },
    { dialect: "openai-embeddings" },
  ],
  baseUrl: "https://api.openai.com/v1",
  authentication: { scheme: "bearer" },
  keyVariables: ["OPENAI_API_KEY"],
  priceDataId: "openai",
  defaultModel: "gpt-4.1-mini",
  // Flex and batch: half (https://developers.openai.com/api/docs/guides/flex-processing, /docs/guides/batch). Priority:
  // https://openai.com/api-priority-processing. Models that are not named there have no known price in that tier.
  serviceTiers: [
    { tier: "flex", factor: "0.5" },
    { tier: "batch", factor: "0.5" },
    { tier: "priority", factor: "2.5", models: ["gpt-5.5", "gpt-5.5-20*"] },
    {
      tier: "priority",
      factor: "2",
      models: ["gpt-5.4", "gpt-5.4-20*", "gpt-5.4-mini", "gpt-5.4-mini-20*", "gpt-5.2", "gpt-5.2-20*"],
    },
    {
      tier: "priority",
      factor: "2",
      models: ["gpt-5.1", "gpt-5.1-20*", "gpt-5", "gpt-5-20*", "gpt-5.1-codex", "gpt-5-codex"],
    },
    { tier: "priority", factor: "1.8", models: ["gpt-5-mini", "gpt-5-mini-20*"] },
    { tier: "priority", factor: "1.75", models: ["gpt-4.1", "gpt-4.1-20*"] },
  ],
  quirks: QUIRKS,
  errorClasses: {
    insufficient_quota: "quota",
    billing_hard_limit_reached: "quota",
    context_length_exceeded: "context_too_long",
    content_policy_violation: "content_filter",
    content_filter: "content_filter",
    slow_down: "overloaded",
  },
} satisfies Provider);
