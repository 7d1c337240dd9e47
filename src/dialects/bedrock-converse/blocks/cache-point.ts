import type { Cacheable, CacheMarker } from "../../../model/content-part.ts";
import type { JsonObject } from "../../../model/json.ts";

/**
 * The block that stands behind the last one of a beginning to cache
 * (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CachePointBlock.html). Five minutes are what no
 * `ttl` means, and some models know no other.
 */
export function encodeCachePoint({ cache }: Cacheable): readonly JsonObject[] {
  return cache === undefined ? [] : [{ cachePoint: { type: "default", ...ttlOf(cache) } }];
}

function ttlOf({ ttl }: CacheMarker): JsonObject {
  return ttl === "1h" ? { ttl } : {};
}
