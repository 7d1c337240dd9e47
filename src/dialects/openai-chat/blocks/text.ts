import type { ContentPart } from "../../../model/conversation.ts";
import type { JsonObject } from "../../../model/json.ts";

/** `{"type": "text", "text"}` (https://platform.openai.com/docs/api-reference/chat/create, messages). */
export function decodeTextPart(part: JsonObject): ContentPart | undefined {
  return typeof part["text"] === "string" ? { kind: "text", text: part["text"] } : undefined;
}

export function encodeTextPart(text: string): JsonObject {
  return { type: "text", text };
}
