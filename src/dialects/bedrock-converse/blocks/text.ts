import type { JsonObject } from "../../../model/json.ts";

/** A text block; Bedrock refuses blank ones, so of those there is none. */
export function encodeText(text: string): readonly JsonObject[] {
  return text.trim() === "" ? [] : [{ text }];
}

/** The text of a block or of a delta. */
export function readText(block: JsonObject): string | undefined {
  return typeof block["text"] === "string" ? block["text"] : undefined;
}
