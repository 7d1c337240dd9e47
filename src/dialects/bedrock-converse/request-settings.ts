import type { JsonObject } from "../../model/json.ts";
import type { Losses } from "../translation/losses.ts";

/** What is the tier anyway, in the words of several vendors: models without tiers refuse to be told even that one. */
const USUAL: ReadonlySet<string> = new Set(["auto", "default", "standard", "standard_only"]);
const TIERS: ReadonlySet<string> = new Set(["flex", "priority", "reserved"]);

/** `serviceTier` (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ServiceTier.html). */
export function encodeServiceTier(tier: string | undefined, losses: Losses): JsonObject | undefined {
  if (tier === undefined || USUAL.has(tier)) return undefined;
  if (TIERS.has(tier)) return { type: tier };
  losses.add("service-tier", "left out: it is no tier of Bedrock's");
  return undefined;
}

const MOST_ENTRIES = 16;
const ENTRY = /^[A-Za-z0-9\s:_@$#=/+,.-]{0,256}$/;

/**
 * `requestMetadata`, by which Bedrock's own logs can be filtered: at most 16 entries of plain characters. What doesn't
 * fit is left out.
 */
export function encodeMetadata(
  metadata: { readonly [name: string]: string } | undefined,
  losses: Losses,
): JsonObject | undefined {
  const entries = Object.entries(metadata ?? {});
  const fitting = entries
    .filter(([name, value]) => name !== "" && ENTRY.test(name) && ENTRY.test(value))
    .slice(0, MOST_ENTRIES);
  if (fitting.length < entries.length) losses.add("metadata", "in part left out: Bedrock takes less");
  return fitting.length === 0 ? undefined : Object.fromEntries(fitting);
}
