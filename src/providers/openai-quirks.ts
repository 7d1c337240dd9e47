import type { Feature } from "../model/loss.ts";
import type { FamilyQuirks } from "../model/quirks.ts";
import { PENALTIES } from "./openai-own-features.ts";

/** Models that think before they answer (https://platform.openai.com/docs/guides/reasoning). */
export const REASONING = [
  "o1*",
  "o3*",
  "o4*",
  "gpt-5*",
  "gpt-6*",
  "codex-*",
  "computer-use-*",
  "gpt-daybreak-*",
];

/** Those of the names among them that do not. */
export const GPT_5_CHAT = ["gpt-5-chat*"];
export const NOT_REASONING = [...GPT_5_CHAT, "gpt-5-search-api*"];

const DRAWN_BY_CHANCE: readonly Feature[] = ["temperature", "top-p", "log-probabilities"];

/** https://platform.openai.com/docs/guides/reasoning and .../latest-model, "parameter compatibility". */
export const QUIRKS: readonly FamilyQuirks[] = [
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
