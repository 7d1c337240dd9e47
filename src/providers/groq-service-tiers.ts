import type { ServiceTierFactor } from "../model/provider.ts";

/**
 * https://console.groq.com/docs/flex-processing: "pricing matches the on-demand tier"; batch: /docs/batch. What the
 * performance tier costs is agreed with each customer.
 */
export const SERVICE_TIERS: readonly ServiceTierFactor[] = [
  { tier: "flex", factor: "1" },
  { tier: "batch", factor: "0.5" },
];
