import type { Provider } from "../model/provider.ts";
import { compatibleEndpoints } from "./compatible.ts";
import { OPENAI_OWN } from "./openai-own-features.ts";

/**
 * Together AI: https://docs.together.ai/reference/chat-completions-1, errors: /docs/error-codes. Its `logprobs` is a
 * number and its answer's another form; its streams bring their usage unasked.
 */
export const together: Provider = Object.freeze({
  id: "together",
  title: "Together AI",
  endpoints: compatibleEndpoints("openai-chat"),
  baseUrl: "https://api.together.ai/v1",
  authentication: { scheme: "bearer" },
  keyVariables: ["TOGETHER_API_KEY"],
  priceDataId: "together",
  defaultModel: "meta-llama/Llama-3.3-70B-Instruct-Turbo",
  quirks: [
    {
      lacks: [...OPENAI_OWN, "end-user", "parallel-tool-calls", "log-probabilities"],
      has: ["top-k", "video"],
      streamUsage: "unasked",
      thinkingSwitch: "reasoning",
      reasoningHistory: "reasoning",
      efforts: ["none", "low", "medium", "high"],
    },
    { models: ["meta-llama/*"], lacks: ["reasoning-effort"] },
    {
      models: ["meta-llama/Llama-3*", "meta-llama/Meta-Llama-3*", "openai/gpt-oss*"],
      lacks: ["image-url", "image-base64", "video"],
    },
  ],
  errorClasses: { credit_limit: "quota", insufficient_credits: "quota" },
} satisfies Provider);
