import type { Provider } from "../model/provider.ts";

/** Groq: https://console.groq.com/docs/api-reference, error codes: /docs/errors */
export const groq: Provider = Object.freeze({
  id: "groq",
  title: "Groq",
  endpoints: [{ dialect: "openai-chat" }],
  baseUrl: "https://api.groq.com/openai/v1",
  authentication: { scheme: "bearer" },
  keyVariables: ["GROQ_API_KEY"],
  priceDataId: "groq",
  defaultModel: "llama-3.3-70b-versatile",
  // https://console.groq.com/docs/flex-processing: "pricing matches the on-demand tier"; batch: /docs/batch. What the
  // performance tier costs is agreed with each customer.
  serviceTiers: [
    { tier: "flex", factor: "1" },
    { tier: "batch", factor: "0.5" },
  ],
  quirks: [{ outputBound: "max_completion_tokens" }],
  errorClasses: {
    context_length_exceeded: "context_too_long",
    // 498, "flex tier capacity exceeded": the request was never run.
    capacity_exceeded: "overloaded",
  },
} satisfies Provider);
