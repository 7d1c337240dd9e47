import type { Provider } from "../model/provider.ts";
import { compatibleEndpoints, messagesAt, RESPONSES } from "./compatible.ts";

/**
 * OpenRouter: https://openrouter.ai/docs/api/reference/overview, each API: /docs/api/api-reference, errors:
 * /docs/api/reference/errors-and-debugging. It carries every vendor's proofs of reasoning (`reasoning_details`) and cache
 * markers on, each to its own vendor.
 */
export const openrouter: Provider = Object.freeze({
  id: "openrouter",
  title: "OpenRouter",
  endpoints: [...compatibleEndpoints("openai-chat"), RESPONSES, messagesAt("/messages")],
  baseUrl: "https://openrouter.ai/api/v1",
  authentication: { scheme: "bearer" },
  keyVariables: ["OPENROUTER_API_KEY"],
  priceDataId: "openrouter",
  defaultModel: "openai/gpt-4.1-mini",
  quirks: [
    {
      lacks: ["uploaded-file", "free-form-tools", "allowed-tools", "store"],
      has: ["top-k", "cache-marker", "document-url", "video", "tool-result-media"],
      outputBound: "max_completion_tokens",
      reasoningHistory: "reasoning_details",
      signatures: ["anthropic", "google", "openai"],
      serviceTierWords: ["auto", "default", "fast", "flex", "priority", "scale"],
    },
  ],
} satisfies Provider);
