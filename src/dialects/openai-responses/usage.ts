import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { NO_USAGE, type Usage } from "../../model/usage.ts";
import type { WireUsage } from "./wire.ts";

/**
 * Reads `usage` of a response (https://platform.openai.com/docs/api-reference/responses/object): input includes what
 * was cached, output includes the reasoning. Never throws and never gives a negative or broken count. `toolCalls` are
 * those that the answer's items show; xAI counts its own here (`num_server_side_tools_used`).
 */
export function usageFromWire(raw: JsonObject, toolCalls: number): Usage {
  const inputDetails = objectIn(raw, "input_tokens_details");
  const outputDetails = objectIn(raw, "output_tokens_details");
  const total = count(raw["total_tokens"]);
  const output = count(raw["output_tokens"]) ?? Math.max(0, (total ?? 0) - (count(raw["input_tokens"]) ?? 0));
  const inputTokens = count(raw["input_tokens"]) ?? Math.max(0, (total ?? 0) - output);
  const reasoning = count(outputDetails["reasoning_tokens"]) ?? 0;
  // Some servers count reasoning beside the output; then the total shows it.
  const isReasoningApart =
    reasoning > output || (reasoning > 0 && total === inputTokens + output + reasoning);
  const cached = Math.min(count(inputDetails["cached_tokens"]) ?? 0, inputTokens);
  return {
    ...NO_USAGE,
    inputTokens,
    cachedInputTokens: cached,
    cacheWrite5mTokens: Math.min(count(inputDetails["cache_write_tokens"]) ?? 0, inputTokens - cached),
    inputAudioTokens: Math.min(count(inputDetails["audio_tokens"]) ?? 0, inputTokens),
    inputImageTokens: Math.min(count(inputDetails["image_tokens"]) ?? 0, inputTokens),
    outputTokens: Math.min(isReasoningApart ? output + reasoning : output, MOST_TOKENS),
    reasoningTokens: reasoning,
    billedToolCalls: Math.max(toolCalls, count(raw["num_server_side_tools_used"]) ?? 0),
    source: "reported",
    raw,
  };
}

/** As `usageFromWire`; undefined where the value is no object or tells neither input nor output. */
export function readUsage(value: unknown, toolCalls: number): Usage | undefined {
  if (!isJsonObject(value)) return undefined;
  const tells = count(value["input_tokens"]) ?? count(value["output_tokens"]) ?? count(value["total_tokens"]);
  return tells === undefined ? undefined : usageFromWire(value, toolCalls);
}

/**
 * True for an item of a vendor's own tool that is billed by the call: searches of the web and of files
 * (https://platform.openai.com/docs/pricing, "built-in tools"; opening a page that was found is no search).
 */
export function isBilledCall(item: JsonObject): boolean {
  if (item["type"] === "file_search_call") return true;
  const { action } = item;
  return item["type"] === "web_search_call" && (!isJsonObject(action) || action["type"] === "search");
}

/** Writes `usage`. What has no member there (tool calls billed, sound) stays out. */
export function usageToWire(usage: Usage): WireUsage {
  return {
    input_tokens: usage.inputTokens,
    input_tokens_details: {
      cached_tokens: usage.cachedInputTokens,
      cache_write_tokens: usage.cacheWrite5mTokens + usage.cacheWrite1hTokens,
    },
    output_tokens: usage.outputTokens,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
    total_tokens: usage.inputTokens + usage.outputTokens,
  };
}

/** More tokens than any answer has; above it a number is a fault, and its cost no amount that the ledger could hold. */
const MOST_TOKENS = 1_000_000_000;

/** A count of tokens; undefined for what can't be one. A fraction is rounded up. */
function count(value: unknown): number | undefined {
  if (typeof value !== "number" || !(value >= 0 && value <= MOST_TOKENS)) return undefined;
  return Math.ceil(value);
}

const NOTHING: JsonObject = Object.freeze({});

function objectIn(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  return isJsonObject(value) ? value : NOTHING;
}
