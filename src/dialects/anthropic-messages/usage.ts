import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { NO_USAGE, type Usage } from "../../model/usage.ts";
import type { WireDeltaUsage, WireUsage } from "./wire.ts";

/**
 * Reads `usage` of a message (https://platform.claude.com/docs/en/api/messages, "usage"). Its `input_tokens` leave out
 * what was read from the cache and written to it, so those are added. Compacting the context on the server is a call of
 * its own, told under `iterations` and in no other count
 * (https://platform.claude.com/docs/en/build-with-claude/compaction). Never throws and never gives a negative or broken
 * count.
 */
export function usageFromWire(raw: JsonObject): Usage {
  const parts = [raw, ...compactions(raw)].map(tokensOf);
  const sum = (member: keyof Tokens): number =>
    Math.min(
      parts.reduce((total, part) => total + part[member], 0),
      MOST_TOKENS,
    );
  const cached = sum("cached");
  const written5m = sum("written5m");
  const written1h = sum("written1h");
  const outputTokens = sum("output");
  // Fetching costs tokens alone; only searches are billed by the call.
  const searches = count(objectIn(raw, "server_tool_use")["web_search_requests"]);
  return {
    ...NO_USAGE,
    inputTokens: sum("plain") + cached + written5m + written1h,
    cachedInputTokens: cached,
    cacheWrite5mTokens: written5m,
    cacheWrite1hTokens: written1h,
    outputTokens,
    reasoningTokens: Math.min(count(objectIn(raw, "output_tokens_details")["thinking_tokens"]), outputTokens),
    billedToolCalls: searches,
    ...(searches > 0 && { billedTools: { webSearch: searches } }),
    source: "reported",
    raw,
  };
}

/**
 * What is known of a message's usage after another report: each is the sum so far, and may leave out members that an
 * earlier one had.
 */
export function mergeUsage(known: JsonObject | undefined, reported: unknown): JsonObject | undefined {
  if (!isJsonObject(reported)) return known;
  const told = Object.entries(reported).filter(([, value]) => value !== null && value !== undefined);
  return { ...known, ...Object.fromEntries(told) };
}

/** Writes `usage` of a whole message. */
export function usageToWire(usage: Usage, serviceTier: string | undefined): WireUsage {
  return {
    ...deltaUsageToWire(usage),
    cache_creation: {
      ephemeral_5m_input_tokens: usage.cacheWrite5mTokens,
      ephemeral_1h_input_tokens: usage.cacheWrite1hTokens,
    },
    service_tier: tierToWire(serviceTier),
    inference_geo: null,
    speed: serviceTier === FAST ? FAST : null,
  };
}

/** Writes `usage` of a `message_delta`, which clients take over whole. */
export function deltaUsageToWire(usage: Usage): WireDeltaUsage {
  const written = usage.cacheWrite5mTokens + usage.cacheWrite1hTokens;
  const { reasoningTokens, billedToolCalls, raw } = usage;
  const fetches = count(objectIn(raw ?? NOTHING, "server_tool_use")["web_fetch_requests"]);
  return {
    input_tokens: Math.max(0, usage.inputTokens - usage.cachedInputTokens - written),
    cache_creation_input_tokens: written,
    cache_read_input_tokens: usage.cachedInputTokens,
    output_tokens: usage.outputTokens,
    output_tokens_details: reasoningTokens === 0 ? null : { thinking_tokens: reasoningTokens },
    server_tool_use:
      billedToolCalls + fetches === 0
        ? null
        : { web_search_requests: billedToolCalls, web_fetch_requests: fetches },
  };
}

/**
 * The tier that served the call, as its price depends on it: `usage.service_tier`, or the faster mode, which has a price
 * of its own (https://platform.claude.com/docs/en/build-with-claude/fast-mode).
 */
export function servedTier({ speed, service_tier: tier }: JsonObject): string | undefined {
  if (speed === FAST) return FAST;
  return typeof tier === "string" && tier !== "" ? tier : undefined;
}

/** The same in the words that clients of any dialect ask with. */
export function tierFromWire(usage: unknown): string | undefined {
  const tier = isJsonObject(usage) ? servedTier(usage) : undefined;
  return tier === "standard" ? "default" : tier;
}

const FAST = "fast";

function tierToWire(tier: string | undefined): WireUsage["service_tier"] {
  if (tier === "priority" || tier === "batch") return tier;
  return tier === "default" || tier === "standard" ? "standard" : null;
}

interface Tokens {
  readonly plain: number;
  readonly cached: number;
  readonly written5m: number;
  readonly written1h: number;
  readonly output: number;
}

function tokensOf(raw: JsonObject): Tokens {
  const lifetimes = objectIn(raw, "cache_creation");
  const told1h = count(lifetimes["ephemeral_1h_input_tokens"]);
  const told5m = count(lifetimes["ephemeral_5m_input_tokens"]);
  const total = raw["cache_creation_input_tokens"];
  // A stream's last report has only the total, beside the shares that its first one told.
  const written = typeof total === "number" ? count(total) : told5m + told1h;
  const written1h = Math.min(told1h, written);
  return {
    plain: count(raw["input_tokens"]),
    cached: count(raw["cache_read_input_tokens"]),
    written5m: written - written1h,
    written1h,
    output: count(raw["output_tokens"]),
  };
}

function compactions(raw: JsonObject): readonly JsonObject[] {
  const { iterations } = raw;
  if (!Array.isArray(iterations)) return [];
  return iterations.filter(isJsonObject).filter(({ type }) => type === "compaction");
}

/** More tokens than any answer has; above it a number is a fault, and its cost no amount that the ledger could hold. */
const MOST_TOKENS = 1_000_000_000;

/** A count of tokens; 0 for what can't be one. A fraction is rounded up. */
function count(value: unknown): number {
  return typeof value === "number" && value >= 0 && value <= MOST_TOKENS ? Math.ceil(value) : 0;
}

const NOTHING: JsonObject = Object.freeze({});

function objectIn(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  return isJsonObject(value) ? value : NOTHING;
}
