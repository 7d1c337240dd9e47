import type { Provider } from "../model/provider.ts";
import { RESPONSES } from "./compatible.ts";
import { OPENAI_OWN, PENALTIES } from "./openai-own-features.ts";

/** They refuse penalties and stop sequences (https://docs.x.ai/docs/guides/reasoning). */
const REASONING =
  "grok-3-mini* grok-4 grok-4-0709 grok-4-latest grok-4.3* grok-4.5* grok-4.6* grok-4.7* grok-code* grok-build* " +
  "grok-*-fast-reasoning* grok-4.20-reasoning grok-4.20-0309-reasoning";

/** They think as hard as they do, or not at all. */
const WITHOUT_EFFORT = "grok-2* grok-3 grok-3-fast* grok-4 grok-4-* grok-4.20* grok-code* grok-build*";

/** xAI: https://docs.x.ai/docs/api-reference, errors: /docs/key-information/debugging */
export const xai: Provider = Object.freeze({
  id: "xai",
  title: "xAI",
  endpoints: [{ dialect: "openai-chat" }, RESPONSES],
  baseUrl: "https://api.x.ai/v1",
  authentication: { scheme: "bearer" },
  keyVariables: ["XAI_API_KEY"],
  priceDataId: "x-ai",
  defaultModel: "grok-4.3",
  quirks: [
    {
      lacks: [...OPENAI_OWN, "reasoning-history"],
      has: ["service-tier"],
      serviceTierWords: ["default", "priority"],
      outputBound: "max_completion_tokens",
    },
    { models: REASONING.split(" "), lacks: [...PENALTIES, "stop"] },
    { models: WITHOUT_EFFORT.split(" "), lacks: ["reasoning-effort"] },
    { models: ["grok-3-mini*"], efforts: ["low", "high"] },
    { models: ["grok-4.3*"], efforts: ["none", "low", "medium", "high"] },
    { models: ["grok-4.5*", "grok-4.6*", "grok-4.7*"], efforts: ["low", "medium", "high"] },
  ],
} satisfies Provider);
