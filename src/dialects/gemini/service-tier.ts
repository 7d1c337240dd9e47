import type { Losses } from "../translation/losses.ts";

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
