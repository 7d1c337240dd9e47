import type { Provider } from "../model/provider.ts";
import type { RequestAdaptation } from "../model/request-adaptation.ts";

const GOOGLE = "/publishers/google/models/{model}";
const ANTHROPIC = "/publishers/anthropic/models";

/**
 * Claude's requests say their version in the body, and no header or query does
 * (https://docs.cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/use-claude). The model stands in the
 * path; only where tokens are counted it stays in the body.
 */
const VERSIONED: RequestAdaptation = {
  setMembers: { anthropic_version: "vertex-2023-10-16" },
  removeHeaders: ["anthropic-version"],
  withoutQuery: true,
};

/**
 * Vertex AI: Gemini (https://docs.cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference) and Claude,
 * each in its vendor's own dialect, by the model's name.
 */
export const vertex: Provider = Object.freeze({
  id: "vertex",
  title: "Google Vertex AI",
  endpoints: [
    {
      dialect: "anthropic-messages",
      models: ["claude-*"],
      paths: {
        chat: { whole: `${ANTHROPIC}/{model}:rawPredict`, stream: `${ANTHROPIC}/{model}:streamRawPredict` },
        "count-tokens": { whole: `${ANTHROPIC}/count-tokens:rawPredict` },
      },
      adaptations: { chat: { ...VERSIONED, removeMembers: ["model"] }, "count-tokens": VERSIONED },
    },
    {
      dialect: "gemini",
      models: ["gemini-*", "gemma-*", "learnlm-*"],
      paths: {
        chat: { whole: `${GOOGLE}:generateContent`, stream: `${GOOGLE}:streamGenerateContent?alt=sse` },
        "count-tokens": { whole: `${GOOGLE}:countTokens` },
        // Its embeddings are asked for in another form (`:predict`) than those of the Gemini API.
        embedding: false,
      },
    },
  ],
  baseUrl: "https://{host}/v1/projects/{project}/locations/{location}",
  options: {
    project: {
      description: "The id of the Google Cloud project",
      variables: [
        "GOOGLE_VERTEX_PROJECT",
        "GOOGLE_CLOUD_PROJECT",
        "ANTHROPIC_VERTEX_PROJECT_ID",
        "VERTEXAI_PROJECT",
      ],
    },
    location: {
      description: "The region, such as europe-west4; `us` or `eu` for any within; `global` for any at all",
      variables: ["GOOGLE_VERTEX_LOCATION", "GOOGLE_CLOUD_LOCATION", "CLOUD_ML_REGION", "VERTEXAI_LOCATION"],
      usual: "global",
      // https://docs.cloud.google.com/vertex-ai/generative-ai/docs/learn/locations
      gives: {
        host: [
          ["global", "aiplatform.googleapis.com"],
          ["us", "aiplatform.us.rep.googleapis.com"],
          ["eu", "aiplatform.eu.rep.googleapis.com"],
          ["*", "{value}-aiplatform.googleapis.com"],
        ],
      },
    },
  },
  authentication: { scheme: "google", key: { scheme: "header", name: "x-goog-api-key" } },
  keyVariables: ["GOOGLE_VERTEX_API_KEY"],
  priceDataId: "google",
  // Names of Claude in the price data that are none of Vertex AI's, and of Gemini that it no longer has.
  unlisted: ["claude-3*", "claude-4-*", "gemini-1*", "gemini-pro*", "gemini-flash-1.5*", "gemma-*"],
  quirks: [
    {
      models: ["claude-*"],
      lacks: ["image-url", "document-url", "uploaded-file", "strict-tools", "service-tier"],
      jsonSchema: "tool",
    },
  ],
  errorClasses: { RESOURCE_EXHAUSTED: "rate_limit", UNAVAILABLE: "overloaded" },
} satisfies Provider);
