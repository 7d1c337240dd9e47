import type { Cacheable } from "../../../model/content-part.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";

/**
 * `prompt_cache_breakpoint` of a part: the end of a beginning that is to be cached
 * (https://platform.openai.com/docs/guides/prompt-caching). OpenAI keeps it for 30 minutes; of the two lifetimes that
 * others sell, the shorter is the one that costs no more than asked.
 */
export function decodeCacheMarker(part: JsonObject): Cacheable {
  return isJsonObject(part["prompt_cache_breakpoint"]) ? { cache: { ttl: "5m" } } : {};
}
