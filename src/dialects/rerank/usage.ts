import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { NO_USAGE, type Usage } from "../../model/usage.ts";
import { tokenCount } from "../json/members.ts";

/**
 * Reads what a ranking consumed: `usage` with `total_tokens` or `prompt_tokens` (Jina, vLLM, Together, Voyage) or
 * `search_units` (OpenRouter), or `meta` with `billed_units` or `tokens` (Cohere and those who followed it). Undefined where nothing is told.
 */
export function readUsage(body: JsonObject): Usage | undefined {
  const usage = objectIn(body, "usage");
  const meta = objectIn(body, "meta");
  const billed = objectIn(meta, "billed_units");
  const input = first(usage["prompt_tokens"], usage["total_tokens"], billed["input_tokens"], tokensIn(meta));
  const searches = tokenCount(billed["search_units"] ?? usage["search_units"]);
  if (input === undefined && searches === undefined) return undefined;
  return {
    ...NO_USAGE,
    inputTokens: input ?? 0,
    billedToolCalls: searches ?? 0,
    source: "reported",
    raw: Object.keys(usage).length > 0 ? usage : meta,
  };
}

function tokensIn(meta: JsonObject): unknown {
  return objectIn(meta, "tokens")["input_tokens"];
}

function first(...values: readonly unknown[]): number | undefined {
  return values.map(tokenCount).find((count) => count !== undefined);
}

const NOTHING: JsonObject = Object.freeze({});

function objectIn(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  return isJsonObject(value) ? value : NOTHING;
}
