import type { TextPart } from "../../../model/content-part.ts";
import type { JsonObject } from "../../../model/json.ts";
import { decodeCacheMarker, encodeCacheMarker } from "./cache-marker.ts";

/** `{"type": "text", "text"}` (https://platform.openai.com/docs/api-reference/chat/create, messages). */
export function decodeTextPart(part: JsonObject): TextPart | undefined {
  const { text } = part;
  return typeof text === "string" ? { kind: "text", text, ...decodeCacheMarker(part) } : undefined;
}

export function encodeTextPart(part: TextPart): JsonObject {
  return { type: "text", text: part.text, ...encodeCacheMarker(part) };
}
