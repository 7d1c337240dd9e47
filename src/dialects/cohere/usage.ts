import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { NO_USAGE, type Usage } from "../../model/usage.ts";
import { tokenCount } from "../json/members.ts";

/**
 * Reads `usage` of a chat, or `meta` of an embedding or a ranking. Of its two counts, `billed_units` is what Cohere
 * charges, and so what the ledger holds; `tokens` counts the instructions that Cohere itself adds as well, which cost
 * nothing (https://docs.cohere.com/v2/docs/how-does-cohere-pricing-work). Rankings are billed by searches. Undefined
 * where the value tells none of it.
 */
export function readUsage(value: unknown): Usage | undefined {
  if (!isJsonObject(value)) return undefined;
  const billed = objectIn(value, "billed_units");
  const all = objectIn(value, "tokens");
  const text = tokenCount(billed["input_tokens"]) ?? tokenCount(all["input_tokens"]);
  const image = tokenCount(billed["image_tokens"]) ?? 0;
  const output = tokenCount(billed["output_tokens"]) ?? tokenCount(all["output_tokens"]);
  const searches = tokenCount(billed["search_units"]);
  if (text === undefined && output === undefined && searches === undefined && image === 0) return undefined;
  const input = (text ?? 0) + image;
  return {
    ...NO_USAGE,
    inputTokens: input,
    cachedInputTokens: cachedOf(value, all, input),
    inputImageTokens: image,
    outputTokens: output ?? 0,
    billedToolCalls: searches ?? 0,
    source: "reported",
    raw: value,
  };
}

/**
 * `cached_tokens` is a part of `tokens`, which may be far more than what is billed: of the billed ones, only those are
 * cached for sure that don't find room among the ones that were not.
 */
function cachedOf(usage: JsonObject, all: JsonObject, billedInput: number): number {
  const cached = tokenCount(usage["cached_tokens"]) ?? 0;
  const whole = tokenCount(all["input_tokens"]) ?? billedInput;
  const uncached = Math.max(0, whole - cached);
  return Math.max(0, billedInput - uncached);
}

const NOTHING: JsonObject = Object.freeze({});

function objectIn(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  return isJsonObject(value) ? value : NOTHING;
}
