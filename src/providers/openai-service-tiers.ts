import type { ServiceTierFactor } from "../model/provider.ts";

/**
 * Flex and batch: half (https://developers.openai.com/api/docs/guides/flex-processing, /docs/guides/batch). Priority:
 * https://openai.com/api-priority-processing. Models that are not named there have no known price in that tier.
 */
export const SERVICE_TIERS: readonly ServiceTierFactor[] = [
  { tier: "flex", factor: "0.5" },
  { tier: "batch", factor: "0.5" },
  { tier: "priority", factor: "2.5", models: ["gpt-5.5", "gpt-5.5-20*"] },
  {
    tier: "priority",
    factor: "2",
    models: ["gpt-5.4", "gpt-5.4-20*", "gpt-5.4-mini", "gpt-5.4-mini-20*", "gpt-5.2", "gpt-5.2-20*"],
  },
  {
    tier: "priority",
    factor: "2",
    models: ["gpt-5.1", "gpt-5.1-20*", "gpt-5", "gpt-5-20*", "gpt-5.1-codex", "gpt-5-codex"],
  },
  { tier: "priority", factor: "1.8", models: ["gpt-5-mini", "gpt-5-mini-20*"] },
  { tier: "priority", factor: "1.75", models: ["gpt-4.1", "gpt-4.1-20*"] },
];
