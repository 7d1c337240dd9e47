import type { Continuation } from "../model/continuation.ts";
import type { Quirks } from "../model/quirks.ts";

/** The ways in which a model is asked to go on with an answer, as a configuration names them. */
export const CONTINUATION_WAYS = ["last-turn", "prefix", "partial", "continue_final_message"] as const;

export type ContinuationWay = (typeof CONTINUATION_WAYS)[number];

/** A last turn of the assistant's, and nothing else. */
const FROM_LAST_TURN: Continuation = { dialects: ["openai-chat", "anthropic-messages", "bedrock-converse"] };

/** Chat completions alone. */
export const FROM_LAST_TURN_OF_CHAT: Continuation = { dialects: ["openai-chat"] };

/** The same, where the model must leave thinking. */
export const FROM_LAST_TURN_WITHOUT_THINKING: Continuation = {
  ...FROM_LAST_TURN_OF_CHAT,
  withoutThinking: true,
};

/**
 * Claude up to 4.5; from 4.6 on a last turn of the assistant's is refused. White space at its end always was
 * (https://platform.claude.com/docs/en/build-with-claude/working-with-messages, "putting words in Claude's mouth").
 */
export const FROM_LAST_TURN_OF_CLAUDE: Continuation = {
  dialects: ["anthropic-messages", "bedrock-converse"],
  refusesTrailingSpace: true,
};

/**
 * vLLM and SGLang: a last message that is left open
 * (https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html, "extra parameters").
 */
export const FROM_FINAL_MESSAGE: Continuation = {
  dialects: ["openai-chat"],
  members: { add_generation_prompt: false, continue_final_message: true },
};

/** DeepSeek's, at its beta address alone (https://api-docs.deepseek.com/guides/chat_prefix_completion). */
export const FROM_PREFIX_OF_BETA: Continuation = {
  ...FROM_LAST_TURN_WITHOUT_THINKING,
  turnMember: "prefix",
  path: "/beta/chat/completions",
};

/** Moonshot's (https://platform.moonshot.ai/docs/guide/use-partial-mode-feature-of-kimi-api). */
export const PARTIAL_MODE: Quirks = { continues: FROM_LAST_TURN_OF_CHAT, prefillMember: "partial" };

/** Mistral's (https://docs.mistral.ai/api/endpoint/chat, `prefix`): the answer has the prefix again. */
export const REPEATED_PREFIX: Quirks = {
  continues: { ...FROM_LAST_TURN_OF_CHAT, repeats: true },
  prefillMember: "prefix",
};

/** What is said of a provider whose models go on in one of those ways. */
export const CONTINUATION_QUIRKS: { readonly [Way in ContinuationWay]: Quirks } = {
  "last-turn": { continues: FROM_LAST_TURN },
  prefix: { continues: FROM_LAST_TURN_OF_CHAT, prefillMember: "prefix" },
  partial: PARTIAL_MODE,
  continue_final_message: { continues: FROM_FINAL_MESSAGE },
};
