import type { Provider } from "../model/provider.ts";
import { IMAGES, OPENAI_OWN } from "./openai-own-features.ts";

/** Cerebras: https://inference-docs.cerebras.ai/api-reference/chat-completions, errors: /support/error */
export const cerebras: Provider = Object.freeze({
  id: "cerebras",
  title: "Cerebras",
  endpoints: [{ dialect: "openai-chat" }, { dialect: "openai-completions" }],
  baseUrl: "https://api.cerebras.ai/v1",
  authentication: { scheme: "bearer" },
  keyVariables: ["CEREBRAS_API_KEY"],
  priceDataId: "cerebras",
  defaultModel: "gpt-oss-120b",
  quirks: [
    {
      lacks: OPENAI_OWN,
      has: ["cache-key", "service-tier"],
      serviceTierWords: ["auto", "default", "flex", "priority"],
      outputBound: "max_completion_tokens",
      reasoningHistory: "reasoning",
      efforts: ["none", "low", "medium", "high"],
    },
    { models: ["gpt-oss*"], efforts: ["low", "medium", "high"] },
    { models: ["llama*", "qwen-3-coder*", "qwen-3-235b-a22b-instruct*"], lacks: ["reasoning-effort"] },
    { models: ["gpt-oss*", "llama*", "qwen-3*", "zai-glm*"], lacks: IMAGES },
    // Else its thoughts stand in the answer's text.
    { models: ["qwen-3-32b", "zai-glm*"], alsoSent: { reasoning_format: "parsed" } },
  ],
  errorClasses: { queue_exceeded: "overloaded" },
} satisfies Provider);
