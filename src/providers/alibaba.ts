import type { Provider } from "../model/provider.ts";
import { NAMES, OPENAI_OWN } from "./openai-own-features.ts";

/**
 * Alibaba Cloud Model Studio (DashScope): https://www.alibabacloud.com/help/en/model-studio/qwen-api-reference, errors:
 * /error-code, schemas: /qwen-structured-output, thinking: /deep-thinking. A key belongs to one region; this is the
 * international one. China: base_url https://dashscope.aliyuncs.com/compatible-mode/v1, US: https://dashscope-us.aliyuncs.com/...
 */
export const alibaba: Provider = Object.freeze({
  id: "alibaba",
  title: "Alibaba Cloud",
  endpoints: [{ dialect: "openai-chat" }, { dialect: "openai-embeddings" }],
  baseUrl: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
  authentication: { scheme: "bearer" },
  keyVariables: ["DASHSCOPE_API_KEY", "ALIBABA_API_KEY"],
  defaultModel: "qwen-plus",
  quirks: [
    {
      lacks: [...OPENAI_OWN, ...NAMES, "frequency-penalty", "strict-tools"],
      has: ["top-k", "cache-marker", "video"],
      thinkingSwitch: "enable_thinking",
      reasoningBy: "budget",
      jsonSchema: "prompt",
      toolChoices: ["auto", "none", "tool"],
    },
    { models: ["qwen3.7-*", "qwen3.8-*"], jsonSchema: "native" },
  ],
  errorClasses: {
    // Tokens a minute, not money.
    insufficient_quota: "rate_limit",
    Arrearage: "quota",
    "AllocationQuota.FreeTierOnly": "quota",
    data_inspection_failed: "content_filter",
    DataInspectionFailed: "content_filter",
  },
} satisfies Provider);
