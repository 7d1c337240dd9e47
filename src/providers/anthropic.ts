import type { Provider } from "../model/provider.ts";
import { claudeFamilies } from "./claude-families.ts";

/**
 * Anthropic: https://platform.claude.com/docs/en/api/overview, error types: /docs/en/api/errors. As with the others, the
 * base URL ends in `/v1`, though its own SDKs leave that out.
 */
export const anthropic: Provider = Object.freeze({
  id: "anthropic",
  title: "Anthropic",
  endpoints: [{ dialect: "anthropic-messages" }],
  baseUrl: "https://api.anthropic.com/v1",
  authentication: { scheme: "header", name: "x-api-key" },
  keyVariables: ["ANTHROPIC_API_KEY"],
  tokenVariables: ["ANTHROPIC_AUTH_TOKEN"],
  headers: { "anthropic-version": "2023-06-01" },
  priceDataId: "anthropic",
  // https://platform.claude.com/docs/en/about-claude/pricing; priority capacity is paid for by commitment.
  serviceTiers: [
    { tier: "batch", factor: "0.5" },
    { tier: "priority", factor: "1" },
    { tier: "fast", factor: "2", models: ["claude-opus-4-8*", "claude-opus-5*"] },
  ],
  models: ["claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5", "claude-fable-5-2"],
  defaultModel: "claude-sonnet-5",
  quirks: claudeFamilies,
} satisfies Provider);
