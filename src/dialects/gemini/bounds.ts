import type { Feature } from "../../model/loss.ts";
import type { DialectBounds } from "../translation/bounds.ts";

/**
 * What a generateContent request can't say, or what not every server that takes one understands
 * (https://ai.google.dev/api/generate-content); a provider's quirks may have more.
 */
export const BOUNDS: DialectBounds = Object.freeze({
  dialect: "gemini",
  vendor: "google",
  signatures: ["google"],
  maxTemperature: 2,
  maxStopSequences: 5,
  lacks: [
    "message-name",
    "image-detail",
    "document-context",
    "document-citations",
    // Thoughts without Google's proof mean nothing to it, and it asks for none back.
    "reasoning-history",
    "free-form-tools",
    "parallel-tool-calls",
    "verbosity",
    "cache-marker",
    "cache-key",
    "end-user",
    "metadata",
    "service-tier",
    "store",
  ],
} satisfies DialectBounds);

/** The members of a generateContent request (or of one for embeddings), by what they say. */
export const FIELDS: { readonly [F in Feature]?: string } = Object.freeze({
  "late-system-message": "contents[].role",
  "image-url": "contents[].parts[].fileData",
  "image-base64": "contents[].parts[].inlineData",
  "image-detail": "contents[].parts[].mediaResolution",
  "document-url": "contents[].parts[].fileData",
  "document-base64": "contents[].parts[].inlineData",
  "document-text": "contents[].parts[].inlineData",
  audio: "contents[].parts[].inlineData",
  video: "contents[].parts[].inlineData",
  "uploaded-file": "contents[].parts[].fileData",
  "reasoning-history": "contents[].parts[].thought",
  signature: "contents[].parts[].thoughtSignature",
  "vendor-part": "contents[].parts[]",
  "strict-tools": "toolConfig.functionCallingConfig.mode",
  "vendor-tools": "tools[]",
  "tool-choice": "toolConfig.functionCallingConfig",
  "allowed-tools": "toolConfig.functionCallingConfig.allowedFunctionNames",
  "tool-result-media": "contents[].parts[].functionResponse.parts",
  "tool-result-error": "contents[].parts[].functionResponse.response.error",
  "json-object": "generationConfig.responseMimeType",
  "json-schema": "generationConfig.responseJsonSchema",
  temperature: "generationConfig.temperature",
  "top-p": "generationConfig.topP",
  "top-k": "generationConfig.topK",
  stop: "generationConfig.stopSequences",
  seed: "generationConfig.seed",
  "frequency-penalty": "generationConfig.frequencyPenalty",
  "presence-penalty": "generationConfig.presencePenalty",
  choices: "generationConfig.candidateCount",
  "log-probabilities": "generationConfig.responseLogprobs",
  "reasoning-effort": "generationConfig.thinkingConfig.thinkingLevel",
  "reasoning-budget": "generationConfig.thinkingConfig.thinkingBudget",
  "reasoning-shown": "generationConfig.thinkingConfig.includeThoughts",
  metadata: "labels",
  "service-tier": "serviceTier",
  store: "store",
  "embedding-dimensions": "outputDimensionality",
  "embedding-purpose": "taskType",
  "embedding-title": "title",
});
