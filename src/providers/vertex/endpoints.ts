import type { Endpoint } from "../../model/provider.ts";
import type { RequestAdaptation } from "../../model/request-adaptation.ts";

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

/** Names of Google's own models. */
export const GOOGLES: readonly string[] = ["gemini-*", "gemma-*", "learnlm-*"];

/** Where each vendor's models are asked, in its own dialect. */
export const VERTEX_ENDPOINTS: readonly Endpoint[] = [
  {
    dialect: "anthropic-messages",
    modelList: false,
    models: ["claude-*"],
    paths: {
      chat: { whole: `${ANTHROPIC}/{model}:rawPredict`, stream: `${ANTHROPIC}/{model}:streamRawPredict` },
      "count-tokens": { whole: `${ANTHROPIC}/count-tokens:rawPredict` },
    },
    adaptations: { chat: { ...VERSIONED, removeMembers: ["model"] }, "count-tokens": VERSIONED },
  },
  {
    dialect: "gemini",
    modelList: false,
    models: GOOGLES,
    paths: {
      chat: { whole: `${GOOGLE}:generateContent`, stream: `${GOOGLE}:streamGenerateContent?alt=sse` },
      "count-tokens": { whole: `${GOOGLE}:countTokens` },
      // Its embeddings are asked for in another form (`:predict`) than those of the Gemini API.
      embedding: false,
    },
  },
];
