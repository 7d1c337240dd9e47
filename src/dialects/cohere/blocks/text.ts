import { isJsonObject, type JsonObject } from "../../../model/json.ts";

/** The text of a content item: `{"type": "text", "text"}`, or of a delta, `{"text"}`. */
export function readText(content: JsonObject): string {
  return typeof content["text"] === "string" ? content["text"] : "";
}

export function encodeText(text: string): JsonObject {
  return { type: "text", text };
}

/** `content` of a message, which may be a list, one item alone (in a stream), or a plain text. */
export function contentItems(content: unknown): readonly JsonObject[] {
  if (typeof content === "string") return content === "" ? [] : [encodeText(content)];
  if (Array.isArray(content)) return content.filter(isJsonObject);
  return isJsonObject(content) ? [content] : [];
}
