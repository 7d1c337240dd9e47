import type { JsonObject } from "../../model/json.ts";
import type { Losses } from "../translation/losses.ts";
import { textOf } from "./members.ts";

/** Google's names of tiers that others know by another (https://ai.google.dev/gemini-api/docs/flex-inference). */
const FROM_GOOGLE: ReadonlyMap<string, string> = new Map([
  ["standard", "default"],
  ["flex", "flex"],
  ["priority", "priority"],
]);
const TO_GOOGLE: ReadonlyMap<string, string> = new Map([
  ["default", "standard"],
  ["standard", "standard"],
  ["standard_only", "standard"],
  ["flex", "flex"],
  ["priority", "priority"],
]);

/** Vertex AI tells a tier as a kind of traffic (https://docs.cloud.google.com/vertex-ai/generative-ai/docs/priority-paygo). */
const OF_TRAFFIC: ReadonlyMap<string, string> = new Map([
  ["ON_DEMAND", "standard"],
  ["ON_DEMAND_FLEX", "flex"],
  ["ON_DEMAND_PRIORITY", "priority"],
]);

/** The tier that served an answer, in Google's word, by its `usageMetadata`. */
export function tierInUsage(usage: JsonObject | undefined): string | undefined {
  if (usage === undefined) return undefined;
  return textOf(usage, "serviceTier") ?? OF_TRAFFIC.get(textOf(usage, "trafficType") ?? "");
}

/** The tier in the word that most dialects have for it; undefined for none. */
export function tierFromGoogle(tier: string | undefined): string | undefined {
  return tier === undefined ? undefined : FROM_GOOGLE.get(tier.toLowerCase());
}

/** The tier in Google's word; undefined where it has none, which is noted, or where it chooses (`auto`). */
export function tierToGoogle(tier: string | undefined, losses: Losses): string | undefined {
  const known = tier === undefined ? undefined : TO_GOOGLE.get(tier);
  if (tier !== undefined && tier !== "auto" && known === undefined) losses.add("service-tier", "left out");
  return known;
}

/** The tier that an answer tells. */
export function tierOfAnswer(tier: string | undefined): string | undefined {
  return tier === undefined ? undefined : TO_GOOGLE.get(tier);
}
