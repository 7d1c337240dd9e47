import type { Provider } from "../model/provider.ts";
import { geminiFamilies } from "./gemini-families.ts";

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
  quirks: [{ has: ["service-tier", "store"] }, ...geminiFamilies],
} satisfies Provider);
