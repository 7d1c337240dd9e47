import type { Provider } from "../model/provider.ts";
import { compatibleEndpoints, messagesAt, RESPONSES } from "./compatible.ts";
import { IMAGES, OPENAI_OWN } from "./openai-own-features.ts";

/**
 * Fireworks AI: https://docs.fireworks.ai/api-reference/post-chatcompletions, Responses: /guides/response-api, Messages:
 * /tools-sdks/anthropic-compatibility, errors: /guides/inference-error-codes (412 is an account that is suspended or has
 * reached its spending limit).
 */
export const fireworks: Provider = Object.freeze({
  id: "fireworks",
  title: "Fireworks AI",
  endpoints: [...compatibleEndpoints("openai-chat"), RESPONSES, messagesAt("/messages")],
  baseUrl: "https://api.fireworks.ai/inference/v1",
  authentication: { scheme: "bearer" },
  keyVariables: ["FIREWORKS_API_KEY"],
  priceDataId: "fireworks",
  defaultModel: "accounts/fireworks/models/gpt-oss-120b",
  quirks: [
    {
      lacks: OPENAI_OWN,
      has: ["top-k", "cache-key", "service-tier"],
      serviceTierWords: ["priority"],
      efforts: ["none", "low", "medium", "high"],
    },
    { models: ["*/gpt-oss*"], efforts: ["low", "medium", "high"] },
    { models: ["*/llama-v3p3*", "*/llama-v3p1*", "*/kimi-k2-instruct*"], lacks: ["reasoning-effort"] },
    {
      models: ["*/gpt-oss*", "*/llama-v3p3*", "*/llama-v3p1*", "*/deepseek-*", "*/glm-*", "*/kimi-k2-*"],
      lacks: IMAGES,
    },
  ],
  errorClasses: { "412": "quota" },
} satisfies Provider);
