import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { type BilledTool, NO_USAGE, type Usage } from "../../model/usage.ts";
import { type BilledTools, billedCalls } from "./billed-tools.ts";
import type { WireUsage } from "./wire.ts";

/**
 * Reads `usage` of a response (https://platform.openai.com/docs/api-reference/responses/object): input includes what
 * was cached, output includes the reasoning. Never throws and never gives a negative or broken count. `shown` are the
 * billed calls that the answer's items show.
 */
export function usageFromWire(raw: JsonObject, shown: BilledTools): Usage {
  const inputDetails = objectIn(raw, "input_tokens_details");
  const outputDetails = objectIn(raw, "output_tokens_details");
  const total = count(raw["total_tokens"]);
  const output = count(raw["output_tokens"]) ?? Math.max(0, (total ?? 0) - (count(raw["input_tokens"]) ?? 0));
  const inputTokens = count(raw["input_tokens"]) ?? Math.max(0, (total ?? 0) - output);
  const reasoning = count(outputDetails["reasoning_tokens"]) ?? 0;
  // Some servers count reasoning beside the output; then the total shows it.
  const isReasoningApart =
    reasoning > output || (reasoning > 0 && total === inputTokens + output + reasoning);
  const outputTokens = Math.min(isReasoningApart ? output + reasoning : output, MOST_TOKENS);
  const cached = Math.min(count(inputDetails["cached_tokens"]) ?? 0, inputTokens);
  return {
    ...NO_USAGE,
    inputTokens,
    cachedInputTokens: cached,
    cacheWrite5mTokens: Math.min(count(inputDetails["cache_write_tokens"]) ?? 0, inputTokens - cached),
    inputAudioTokens: Math.min(count(inputDetails["audio_tokens"]) ?? 0, inputTokens),
    inputImageTokens: Math.min(count(inputDetails["image_tokens"]) ?? 0, inputTokens),
    outputTokens,
    reasoningTokens: reasoning,
    outputAudioTokens: Math.min(count(outputDetails["audio_tokens"]) ?? 0, outputTokens),
    ...toolCalls(raw, shown),
    ...rareParts(inputDetails, outputDetails),
    source: "reported",
    raw,
  };
}

/**
 * The billed calls. xAI counts those that succeeded by kind (https://docs.x.ai/developers/tools/tool-usage-details);
 * without the kinds its total says at least how many there were, with calls that the items don't show.
 */
function toolCalls(raw: JsonObject, shown: BilledTools): Pick<Usage, "billedToolCalls" | "billedTools"> {
  const details = raw["server_side_tool_usage_details"];
  const tools = isJsonObject(details) ? countedTools(details) : shown;
  const others = isJsonObject(details)
    ? (count(details["document_search_calls"]) ?? 0)
    : Math.max(0, (count(raw["num_server_side_tools_used"]) ?? 0) - billedCalls(shown));
  const known = billedCalls(tools);
  return { billedToolCalls: known + others, ...(known > 0 && { billedTools: tools }) };
}

const COUNTED: ReadonlyArray<readonly [string, BilledTool]> = [
  ["web_search_calls", "webSearch"],
  ["file_search_calls", "fileSearch"],
  ["code_interpreter_calls", "codeExecution"],
  ["x_search_calls", "socialSearch"],
];

function countedTools(details: JsonObject): BilledTools {
  const tools: { [Tool in BilledTool]?: number } = {};
  for (const [name, tool] of COUNTED) {
    const calls = count(details[name]) ?? 0;
    if (calls > 0) tools[tool] = calls;
  }
  return tools;
}

/** Parts that few answers have: images out, cached sound and images (`cached_tokens_details`). */
function rareParts(inputDetails: JsonObject, outputDetails: JsonObject): Partial<Usage> {
  const cachedDetails = objectIn(inputDetails, "cached_tokens_details");
  const cachedAudio = count(cachedDetails["audio_tokens"]);
  const cachedImage = count(cachedDetails["image_tokens"]);
  const images = count(outputDetails["image_tokens"]);
  return {
    ...(cachedAudio !== undefined && { cachedInputAudioTokens: cachedAudio }),
    ...(cachedImage !== undefined && { cachedInputImageTokens: cachedImage }),
    ...(images !== undefined && images > 0 && { outputImageTokens: images }),
  };
}

/** As `usageFromWire`; undefined where the value is no object or tells neither input nor output. */
export function readUsage(value: unknown, shown: BilledTools): Usage | undefined {
  if (!isJsonObject(value)) return undefined;
  const tells = count(value["input_tokens"]) ?? count(value["output_tokens"]) ?? count(value["total_tokens"]);
  return tells === undefined ? undefined : usageFromWire(value, shown);
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
