import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { Usage } from "../../model/usage.ts";
import type { Writable } from "../../model/writable.ts";
import type { WireUsage } from "./wire.ts";

/**
 * Reads `usage` of a chat completion (https://platform.openai.com/docs/api-reference/chat/object). Never throws and
 * never gives a negative or broken count, whatever stands there. Vendors differ:
 * - cached input: `prompt_tokens_details.cached_tokens`; DeepSeek `prompt_cache_hit_tokens`; Moonshot `cached_tokens`.
 * - xAI counts reasoning beside `completion_tokens`, not inside (docs.x.ai, "consumption and rate limits": "counted
 *   separately from completion_tokens, but will be counted in the total_tokens"), so there it is added.
 * - Perplexity's deep research also bills `citation_tokens` (as input) and top-level `reasoning_tokens`, neither inside
 *   the other counts, and searches (`num_search_queries`); xAI bills `num_sources_used`.
 */
export function usageFromWire(raw: JsonObject): Usage {
  const inputDetails = objectIn(raw, "prompt_tokens_details");
  const outputDetails = objectIn(raw, "completion_tokens_details");
  const total = count(raw["total_tokens"]);
  const completion = count(raw["completion_tokens"]);
  const prompt = count(raw["prompt_tokens"]) ?? Math.max(0, (total ?? 0) - (completion ?? 0));
  const reasoning = count(outputDetails["reasoning_tokens"]) ?? count(raw["reasoning_tokens"]) ?? 0;
  const citation = count(raw["citation_tokens"]) ?? 0;
  const generated = completion ?? Math.max(0, (total ?? 0) - prompt);
  const isReasoningApart = reasoning > generated || total === prompt + generated + reasoning || citation > 0;
  const inputTokens = Math.min(prompt + citation, MOST_TOKENS);
  const outputTokens = Math.min(isReasoningApart ? generated + reasoning : generated, MOST_TOKENS);
  const cached = Math.min(cachedTokens(raw, inputDetails), inputTokens);
  const searches = count(raw["num_search_queries"]) ?? count(raw["num_sources_used"]) ?? 0;
  const usage: Writable<Usage> = {
    inputTokens,
    cachedInputTokens: cached,
    cacheWrite5mTokens: Math.min(cacheWriteTokens(inputDetails), inputTokens - cached),
    cacheWrite1hTokens: 0,
    inputAudioTokens: Math.min(count(inputDetails["audio_tokens"]) ?? 0, inputTokens),
    inputImageTokens: Math.min(count(inputDetails["image_tokens"]) ?? 0, inputTokens),
    outputTokens,
    reasoningTokens: reasoning,
    outputAudioTokens: Math.min(count(outputDetails["audio_tokens"]) ?? 0, outputTokens),
    billedToolCalls: searches,
    source: "reported",
    raw,
  };
  if (searches > 0) usage.billedTools = { webSearch: searches };
  addRareParts(usage, inputDetails, outputDetails);
  return usage;
}

/**
 * Parts that few answers have: cached sound and images (`cached_tokens_details`, as OpenAI's realtime and image models
 * report them), video in and images out (OpenRouter, https://openrouter.ai/docs/use-cases/usage-accounting).
 */
function addRareParts(usage: Writable<Usage>, inputDetails: JsonObject, outputDetails: JsonObject): void {
  const cachedDetails = objectIn(inputDetails, "cached_tokens_details");
  const cachedAudio = count(cachedDetails["audio_tokens"]);
  const cachedImage = count(cachedDetails["image_tokens"]);
  const video = count(inputDetails["video_tokens"]);
  const images = count(outputDetails["image_tokens"]);
  if (cachedAudio !== undefined) usage.cachedInputAudioTokens = cachedAudio;
  if (cachedImage !== undefined) usage.cachedInputImageTokens = cachedImage;
  if (video !== undefined && video > 0) usage.inputVideoTokens = video;
  if (images !== undefined && images > 0) usage.outputImageTokens = images;
}

/** As `usageFromWire`; undefined where the value is no object or tells neither input nor output. */
export function readUsage(value: unknown): Usage | undefined {
  if (!isJsonObject(value)) return undefined;
  const tells =
    count(value["prompt_tokens"]) ?? count(value["completion_tokens"]) ?? count(value["total_tokens"]);
  return tells === undefined ? undefined : usageFromWire(value);
}

/** Writes `usage`. What has no member there (tool calls billed) stays out. */
export function usageToWire(usage: Usage): WireUsage {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: {
      cached_tokens: usage.cachedInputTokens,
      audio_tokens: usage.inputAudioTokens,
      ...(usage.inputImageTokens > 0 && { image_tokens: usage.inputImageTokens }),
      ...(cacheWrites(usage) > 0 && { cache_write_tokens: cacheWrites(usage) }),
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoningTokens,
      audio_tokens: usage.outputAudioTokens,
      ...((usage.outputImageTokens ?? 0) > 0 && { image_tokens: usage.outputImageTokens }),
    },
  };
}

const cacheWrites = (usage: Usage): number => usage.cacheWrite5mTokens + usage.cacheWrite1hTokens;

function cachedTokens(raw: JsonObject, details: JsonObject): number {
  return (
    count(details["cached_tokens"]) ??
    count(raw["prompt_cache_hit_tokens"]) ??
    count(raw["cached_tokens"]) ??
    0
  );
}

/** OpenRouter's name; Alibaba's (https://www.alibabacloud.com/help/en/model-studio/context-cache). */
function cacheWriteTokens(details: JsonObject): number {
  return count(details["cache_write_tokens"]) ?? count(details["cache_creation_input_tokens"]) ?? 0;
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
