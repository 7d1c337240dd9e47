import type { Cacheable } from "../../../model/content-part.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";

/** `cache_control` of a block or tool (https://platform.claude.com/docs/en/build-with-claude/prompt-caching). */
export function decodeCacheMarker(holder: JsonObject): Cacheable {
  const control = holder["cache_control"];
  if (!isJsonObject(control) || control["type"] !== "ephemeral") return {};
  return { cache: { ttl: control["ttl"] === "1h" ? "1h" : "5m" } };
}

export function encodeCacheMarker({ cache }: Cacheable): JsonObject {
  if (cache === undefined) return {};
  return { cache_control: { type: "ephemeral", ...(cache.ttl === "1h" && { ttl: "1h" }) } };
}
