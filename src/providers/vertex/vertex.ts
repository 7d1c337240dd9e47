import type { Provider } from "../../model/provider.ts";
import { claudeFamiliesAmong } from "../claude-families.ts";
import { geminiFamiliesAmong } from "../gemini-families.ts";
import { GOOGLES, VERTEX_ENDPOINTS } from "./endpoints.ts";
import { VERTEX_OPTIONS } from "./options.ts";

/**
 * Vertex AI: Gemini (https://docs.cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference) and Claude,
 * each in its vendor's own dialect, by the model's name.
 */
export const vertex: Provider = Object.freeze({
  id: "vertex",
  title: "Google Vertex AI",
  endpoints: VERTEX_ENDPOINTS,
  baseUrl: "https://{host}/v1/projects/{project}/locations/{location}",
  options: VERTEX_OPTIONS,
  authentication: { scheme: "google", key: { scheme: "header", name: "x-goog-api-key" } },
  keyVariables: ["GOOGLE_VERTEX_API_KEY"],
  priceDataId: "google",
  defaultModel: "gemini-3.8-flash",
  // Names of Claude in the price data that are none of Vertex AI's, and of Gemini that it no longer has.
  unlisted: ["claude-3*", "claude-4-*", "gemini-1*", "gemini-pro*", "gemini-flash-1.5*", "gemma-*"],
  quirks: [
    ...geminiFamiliesAmong(GOOGLES),
    // Ids of calls are not known there, labels are (.../docs/model-reference/inference, "labels"), and what is counted
    // is a request like any other (.../docs/model-reference/count-tokens).
    { models: GOOGLES, has: ["metadata"], toolCallIds: "none", countedAs: "plain" },
    ...claudeFamiliesAmong(["claude-*"]),
    {
      models: ["claude-*"],
      // Formats and strict tools are closed by each organisation's policy until it opens them:
      // https://docs.cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/structured_outputs
      lacks: ["image-url", "document-url", "uploaded-file", "strict-tools", "service-tier"],
      jsonSchema: "tool",
    },
  ],
  errorClasses: { RESOURCE_EXHAUSTED: "rate_limit", UNAVAILABLE: "overloaded" },
} satisfies Provider);
