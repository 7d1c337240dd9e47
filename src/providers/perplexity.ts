import type { Provider } from "../model/provider.ts";
import { NAMES, OPENAI_OWN } from "./openai-own-features.ts";

/**
 * Perplexity: https://docs.perplexity.ai/api-reference/chat-completions-post. Files: /guides/file-attachments. Its
 * models search and answer; they call no tools of the client's.
 */
export const perplexity: Provider = Object.freeze({
  id: "perplexity",
  title: "Perplexity",
  endpoints: [{ dialect: "openai-chat" }],
  baseUrl: "https://api.perplexity.ai",
  authentication: { scheme: "bearer" },
  keyVariables: ["PERPLEXITY_API_KEY", "PPLX_API_KEY"],
  priceDataId: "perplexity",
  defaultModel: "sonar",
  quirks: [
    {
      lacks: [...OPENAI_OWN, "tools", ...NAMES, "seed", "json-object", "reasoning-history"],
      has: ["top-k", "document-url", "document-base64", "video"],
      documentForm: "file_url",
      streamUsage: "unasked",
      efforts: ["minimal", "low", "medium", "high"],
    },
    { models: ["sonar", "sonar-pro", "r1-1776"], lacks: ["reasoning-effort"] },
  ],
} satisfies Provider);
