import type { Provider } from "../model/provider.ts";
import { REPEATED_PREFIX } from "./continuations.ts";
import { NAMES, OPENAI_OWN } from "./openai-own-features.ts";

/** They think always, or never. */
const WITHOUT_EFFORT = "mistral-large* ministral* codestral* devstral* magistral* pixtral* open-* voxtral*";

/**
 * Mistral: https://docs.mistral.ai/api/endpoint/chat; unknown members are refused with 422. Reasoning:
 * https://docs.mistral.ai/capabilities/reasoning. Its models in the EU: base_url https://api.eu.mistral.ai/v1.
 */
export const mistral: Provider = Object.freeze({
  id: "mistral",
  title: "Mistral AI",
  endpoints: [{ dialect: "openai-chat" }, { dialect: "openai-embeddings" }],
  baseUrl: "https://api.mistral.ai/v1",
  authentication: { scheme: "bearer" },
  keyVariables: ["MISTRAL_API_KEY"],
  priceDataId: "mistral",
  defaultModel: "mistral-medium-latest",
  quirks: [
    {
      // Embeddings: their dimensions are `output_dimension` (https://docs.mistral.ai/api/endpoint/embeddings).
      lacks: [...OPENAI_OWN, ...NAMES, "log-probabilities", "embedding-dimensions"],
      has: ["document-url", "document-base64", "metadata", "cache-key", "service-tier"],
      serviceTierWords: ["auto", "standard_only"],
      seedMember: "random_seed",
      streamUsage: "unasked",
      documentForm: "document_url",
      reasoningHistory: "thinking-part",
      toolCallIds: "nine-characters",
      ...REPEATED_PREFIX,
      maxTemperature: 1.5,
      efforts: ["none", "high"],
    },
    { models: ["voxtral*"], has: ["audio"], audioForm: "base64" },
    { models: WITHOUT_EFFORT.split(" "), lacks: ["reasoning-effort"] },
  ],
} satisfies Provider);
