import type { Provider } from "../model/provider.ts";
import { FROM_LAST_TURN_OF_CHAT } from "./continuations.ts";
import { SERVICE_TIERS } from "./groq-service-tiers.ts";
import { IMAGES, OPENAI_OWN, PENALTIES } from "./openai-own-features.ts";

/**
 * Groq: https://console.groq.com/docs/api-reference, differences: /docs/openai, error codes: /docs/errors, schemas:
 * /docs/structured-outputs, last turns: /docs/prefilling. What "is not yet supported" there counts as lacking.
 */
export const groq: Provider = Object.freeze({
  id: "groq",
  title: "Groq",
  endpoints: [{ dialect: "openai-chat" }],
  baseUrl: "https://api.groq.com/openai/v1",
  authentication: { scheme: "bearer" },
  keyVariables: ["GROQ_API_KEY"],
  priceDataId: "groq",
  defaultModel: "llama-3.3-70b-versatile",
  serviceTiers: SERVICE_TIERS,
  quirks: [
    {
      lacks: [...OPENAI_OWN, ...PENALTIES, "message-name", "choices", "log-probabilities"],
      has: ["service-tier"],
      serviceTierWords: ["auto", "on_demand", "flex", "performance"],
      outputBound: "max_completion_tokens",
      reasoningHistory: "reasoning",
    },
    { models: ["llama-3*", "gemma*", "mixtral*", "groq/compound*"], jsonSchema: "prompt" },
    { models: ["llama-3*", "groq/*", "moonshotai/*", "meta-llama/*"], lacks: ["reasoning-effort"] },
    { models: ["llama-3*", "groq/*", "moonshotai/*", "openai/gpt-oss*", "qwen/qwen3-32b"], lacks: IMAGES },
    { models: ["llama-3*", "meta-llama/*", "gemma*"], continues: FROM_LAST_TURN_OF_CHAT },
    { models: ["openai/gpt-oss*"], efforts: ["low", "medium", "high"] },
    { models: ["qwen/*"], alsoSent: { reasoning_format: "parsed" } }, // Else its thoughts stand in the answer's text.
    { models: ["qwen/*"], efforts: ["none", "low", "medium", "high"] },
    { models: ["qwen/qwen3-32b", "qwen/qwen3.6*"], jsonSchema: "prompt", lacks: ["reasoning-effort"] },
  ],
  // The model broke the form that it was held to: another one may keep to it.
  errorClasses: { json_validate_failed: "invalid_answer", tool_use_failed: "invalid_answer" },
} satisfies Provider);
