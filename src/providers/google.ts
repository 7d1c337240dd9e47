import type { Provider } from "../model/provider.ts";
import type { FamilyQuirks } from "../model/quirks.ts";

/**
 * By family of models, later ones before earlier ones. What no pattern but the first fits is taken for a model of the
 * newest kind (https://ai.google.dev/gemini-api/docs/models, /docs/thinking, /docs/gemini-3, /docs/thought-signatures).
 */
const FAMILIES: readonly FamilyQuirks[] = [
  {
    has: ["service-tier", "store"],
    reasoningBy: "level",
    efforts: ["low", "medium", "high"],
    unsignedCalls: "refused",
    outputLimit: 65_536,
  },
  // Pro models think a little at least; the first could only choose between little and much.
  { models: ["gemini-3-pro*"], efforts: ["low", "high"] },
  {
    models: ["gemini-3-flash*", "gemini-3.1-flash*", "gemini-3.5-flash*", "gemini-3.6-flash*"],
    efforts: ["minimal", "low", "medium", "high"],
  },
  // Samples as it sees fit, and passes over what is asked of that.
  { models: ["gemini-4-argon*"], lacks: ["temperature", "top-p", "top-k"] },
  {
    models: ["gemini-2.5-*"],
    // "Penalty is not enabled for this model".
    lacks: ["frequency-penalty", "presence-penalty", "tool-result-media"],
    reasoningBy: "budget",
    reasoningBudget: { least: 1, most: 24_576, off: true },
    unsignedCalls: "taken",
    jsonBesideTools: "refused",
  },
  { models: ["gemini-2.5-flash-lite*"], reasoningBudget: { least: 512, most: 24_576, off: true } },
  { models: ["gemini-2.5-pro*"], reasoningBudget: { least: 128, most: 32_768, off: false } },
  {
    models: ["gemini-1*", "gemini-2.0-*", "gemini-pro*", "gemini-flash-1*"],
    lacks: [
      "image-url",
      "document-url",
      "tool-result-media",
      "strict-tools",
      "reasoning-effort",
      "reasoning-budget",
      "reasoning-shown",
    ],
    unsignedCalls: "taken",
    jsonBesideTools: "refused",
    outputLimit: 8_192,
  },
  // Models that paint or speak: neither tools nor thoughts are asked of them.
  {
    models: ["*-image*", "*-tts*"],
    lacks: ["reasoning-effort", "reasoning-budget", "json-schema", "json-object"],
    unsignedCalls: "taken",
    outputLimit: 32_768,
  },
  { models: ["*-tts*", "gemini-2.*-image*"], lacks: ["tools"] },
  {
    models: ["gemma-*"],
    lacks: ["document-base64", "document-url", "strict-tools"],
    efforts: ["minimal", "high"],
    unsignedCalls: "taken",
    outputLimit: 32_768,
  },
  {
    models: ["gemma-2*", "gemma-3*"],
    lacks: [
      "tools",
      "json-schema",
      "json-object",
      "audio",
      "video",
      "reasoning-effort",
      "reasoning-budget",
      "reasoning-shown",
    ],
    // "Developer instruction is not enabled for models/gemma-3".
    instructionRole: "user",
    outputLimit: 8_192,
  },
  // Its instructions say what an embedding is for.
  { models: ["gemini-embedding-2*"], lacks: ["embedding-purpose", "embedding-title"] },
];

/** Google AI Studio's Gemini API: https://ai.google.dev/api, error codes: /gemini-api/docs/troubleshooting */
export const google: Provider = Object.freeze({
  id: "gemini",
  title: "Google Gemini (AI Studio)",
  endpoints: [
    { dialect: "gemini", paths: { embedding: false }, exceptModels: ["*embedding*"] },
    { dialect: "gemini", paths: { chat: false, "count-tokens": false }, models: ["*embedding*"] },
  ],
  baseUrl: "https://generativelanguage.googleapis.com/v1beta",
  authentication: { scheme: "header", name: "x-goog-api-key" },
  keyVariables: ["GEMINI_API_KEY", "GOOGLE_API_KEY"],
  priceDataId: "google",
  defaultModel: "gemini-3.8-flash",
  // Half (https://ai.google.dev/gemini-api/docs/optimization). Priority costs 75 to 100 % more, by model, and the list
  // prices don't say which, so a call in that tier has no known price.
  serviceTiers: [
    { tier: "flex", factor: "0.5" },
    { tier: "batch", factor: "0.5" },
  ],
  quirks: FAMILIES,
} satisfies Provider);
