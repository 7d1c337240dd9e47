import type { Endpoint } from "../model/provider.ts";
import { GPT_5_CHAT, NOT_REASONING, REASONING } from "./openai-quirks.ts";

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

/**
 * Of its two APIs for conversations a translated call goes to Responses where the model thinks: there what it thought
 * comes with a proof and is taken back with the next turn, and is shown summed up; and from GPT-5.4 on chat completions
 * refuse tools together with any effort to think. Models that don't think are asked by chat completions, which alone
 * take stop sequences, seeds, penalties and several answers. A client's own dialect goes first in any case.
 */
export const ENDPOINTS: readonly Endpoint[] = [
  { dialect: "openai-responses", models: REASONING, exceptModels: NOT_REASONING },
  { dialect: "openai-chat", exceptModels: [...RESPONSES_ONLY, ...COMPLETIONS_ONLY] },
  { dialect: "openai-responses", exceptModels: [...REASONING, ...CHAT_ONLY, ...COMPLETIONS_ONLY] },
  { dialect: "openai-responses", models: GPT_5_CHAT },
  { dialect: "openai-completions", models: COMPLETIONS_ONLY },
  { dialect: "openai-embeddings" },
];
