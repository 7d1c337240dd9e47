import type { JsonObject } from "../../model/json.ts";
import type { Losses } from "../translation/losses.ts";

/**
 * `service_tier` of a request: `auto` uses priority capacity where there is some, `standard_only` never
 * (https://platform.claude.com/docs/en/api/service-tiers). The canonical words are OpenAI's.
 */
export function decodeServiceTier(tier: unknown): string | undefined {
  if (typeof tier !== "string" || tier === "") return undefined;
  return tier === "standard_only" ? "default" : tier;
}

export function encodeServiceTier(tier: string | undefined, losses: Losses): JsonObject {
  switch (tier) {
    case undefined:
      return {};
    case "auto":
      return { service_tier: "auto" };
    case "default":
      return { service_tier: "standard_only" };
    case "priority":
      losses.add("service-tier", '"auto" was sent: priority where the account has it');
      return { service_tier: "auto" };
    default:
      losses.add("service-tier", "left out");
      return {};
  }
}
