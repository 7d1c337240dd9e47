/** The words that OpenAI's clients know for what a call was served by; other vendors' own words are not among them. */
const TIERS: ReadonlySet<string> = new Set(["auto", "default", "flex", "scale", "priority", "fast"]);

/** `service_tier` of an answer; nothing where the provider's word for it is its own. */
export function encodeServiceTier(tier: string | undefined): { readonly service_tier?: string } {
  return tier !== undefined && TIERS.has(tier) ? { service_tier: tier } : {};
}
