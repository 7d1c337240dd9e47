import type { Provider } from "../model/provider.ts";
import { ENDPOINTS } from "./openai-endpoints.ts";
import { QUIRKS } from "./openai-quirks.ts";
import { SERVICE_TIERS } from "./openai-service-tiers.ts";

/** OpenAI: https://platform.openai.com/docs/api-reference, error codes: /docs/guides/error-codes */
export const openai: Provider = Object.freeze({
  id: "openai",
  title: "OpenAI",
  endpoints: ENDPOINTS,
  baseUrl: "https://api.openai.com/v1",
  authentication: { scheme: "bearer" },
  keyVariables: ["OPENAI_API_KEY"],
  priceDataId: "openai",
  defaultModel: "gpt-4.1-mini",
  serviceTiers: SERVICE_TIERS,
  quirks: QUIRKS,
  errorClasses: {
    insufficient_quota: "quota",
    billing_hard_limit_reached: "quota",
    context_length_exceeded: "context_too_long",
    content_policy_violation: "content_filter",
    content_filter: "content_filter",
    slow_down: "overloaded",
  },
} satisfies Provider);
