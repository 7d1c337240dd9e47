import { isJsonObject } from "../../model/json.ts";
import { NO_USAGE, type Usage } from "../../model/usage.ts";

/** More tokens than any request has; above it a number is a fault. */
const MOST_TOKENS = 1_000_000_000;

/** Reads `usage`: `prompt_tokens`, else `total_tokens`, which is the same since nothing is generated. */
export function readUsage(value: unknown): Usage | undefined {
  if (!isJsonObject(value)) return undefined;
  const inputTokens = count(value["prompt_tokens"]) ?? count(value["total_tokens"]);
  return inputTokens === undefined ? undefined : { ...NO_USAGE, inputTokens, source: "reported", raw: value };
}

/** Writes `usage`. */
export function usageToWire({ inputTokens }: Usage): object {
  return { prompt_tokens: inputTokens, total_tokens: inputTokens };
}

function count(value: unknown): number | undefined {
  if (typeof value !== "number" || !(value >= 0 && value <= MOST_TOKENS)) return undefined;
  return Math.ceil(value);
}
