import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { NO_USAGE, type Usage } from "../../model/usage.ts";
import { tokenCount } from "../json/members.ts";

/**
 * Reads `usage` (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html). `inputTokens` are
 * those that were neither read from the cache nor written to it, so the three are added
 * (https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html). Undefined where the value is no usage.
 */
export function readUsage(value: unknown): Usage | undefined {
  if (!isJsonObject(value)) return undefined;
  const input = tokenCount(value["inputTokens"]);
  const output = tokenCount(value["outputTokens"]);
  if (input === undefined && output === undefined) return undefined;
  const read = countOf(value, "cacheReadInputTokens", "cacheReadInputTokenCount");
  const written = countOf(value, "cacheWriteInputTokens", "cacheWriteInputTokenCount");
  const forAnHour = Math.min(writtenFor("1h", value["cacheDetails"]), written);
  return {
    ...NO_USAGE,
    inputTokens: (input ?? 0) + read + written,
    cachedInputTokens: read,
    cacheWrite5mTokens: written - forAnHour,
    cacheWrite1hTokens: forAnHour,
    outputTokens: output ?? 0,
    billedToolCalls: serverToolCalls(value["serverToolUsage"]),
    source: "reported",
    raw: value,
  };
}

/** The second name is the one that the API had before. */
function countOf(usage: JsonObject, name: string, earlier: string): number {
  return tokenCount(usage[name]) ?? tokenCount(usage[earlier]) ?? 0;
}

function writtenFor(ttl: string, details: unknown): number {
  if (!Array.isArray(details)) return 0;
  return details
    .filter(isJsonObject)
    .filter((detail) => detail["ttl"] === ttl)
    .reduce((sum, detail) => sum + (tokenCount(detail["inputTokens"]) ?? 0), 0);
}

function serverToolCalls(usage: unknown): number {
  if (!isJsonObject(usage)) return 0;
  return Object.values(usage).reduce((sum: number, calls) => sum + (tokenCount(calls) ?? 0), 0);
}
