import type { Provider } from "../model/provider.ts";
import { messagesAt } from "./compatible.ts";
import { FROM_PREFIX_OF_BETA } from "./continuations.ts";
import { IMAGES, OPENAI_OWN, PENALTIES } from "./openai-own-features.ts";

/**
 * DeepSeek: https://api-docs.deepseek.com/api/create-chat-completion, Messages: /guides/anthropic_api, errors:
 * /quick_start/error_codes. A turn that called tools must come back with its `reasoning_content` (/guides/thinking_mode).
 * Strict tools and prefixes are its beta address's alone. The server itself maps the efforts that it hasn't.
 */
export const deepseek: Provider = Object.freeze({
  id: "deepseek",
  title: "DeepSeek",
  endpoints: [{ dialect: "openai-chat" }, messagesAt("/anthropic/v1/messages")],
  baseUrl: "https://api.deepseek.com",
  authentication: { scheme: "bearer" },
  keyVariables: ["DEEPSEEK_API_KEY"],
  priceDataId: "deepseek",
  defaultModel: "deepseek-v4-flash",
  quirks: [
    {
      lacks: [
        ...OPENAI_OWN,
        ...PENALTIES,
        "end-user",
        "strict-tools",
        "parallel-tool-calls",
        "choices",
        "seed",
      ],
      reasoningHistoryRequired: true,
      thinkingSwitch: "thinking",
      jsonSchema: "prompt",
      maxStopSequences: 16,
      continues: FROM_PREFIX_OF_BETA,
    },
    { models: ["deepseek-chat", "deepseek-reasoner", "deepseek-v4-flash", "deepseek-v4-pro"], lacks: IMAGES },
  ],
} satisfies Provider);
