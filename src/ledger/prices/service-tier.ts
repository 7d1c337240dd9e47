import type { Price } from "./price.ts";

/** On what terms a call was served. */
export interface PriceTerms {
  /** The tier that served it, in the provider's word. */
  readonly serviceTier?: string | undefined;
  /** Sent in a batch: then the price is that of the tier `batch`, whatever else is said. */
  readonly batch?: boolean | undefined;
}

/** What a tier costs: a factor of the usual price of tokens, or the usual price with some rates of its own. */
export type TierPrice = { readonly factor: string } | { readonly rates: Price };

/** Tiers that have a price of their own, by name. */
export type TierPrices = ReadonlyMap<string, TierPrice>;

/** Vendors' words for the tier that a price is for where nothing else is said; `auto` says only that it was left open. */
const USUAL: ReadonlySet<string> = new Set(["default", "standard", "auto", "on_demand"]);

/** The tier whose price counts; undefined for the usual one. */
export function pricedTier({ serviceTier, batch }: PriceTerms): string | undefined {
  if (batch === true) return "batch";
  return serviceTier === undefined || USUAL.has(serviceTier) ? undefined : serviceTier;
}
