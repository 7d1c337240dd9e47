import type { TextPart } from "../../../model/content-part.ts";
import type { JsonObject } from "../../../model/json.ts";
import { decodeCacheMarker } from "./cache-marker.ts";
import { encodeAnnotation, readAnnotations } from "./citation.ts";

/** `{"type": "input_text", "text"}`, or `output_text` with its annotations in an assistant's message. */
export function decodeTextPart(part: JsonObject): TextPart | undefined {
  const { text } = part;
  if (typeof text !== "string") return undefined;
  const citations = readAnnotations(part["annotations"]);
  return { kind: "text", text, ...(citations.length > 0 && { citations }), ...decodeCacheMarker(part) };
}

/** What was said to the model. */
export function encodeInputText(text: string): JsonObject {
  return { type: "input_text", text };
}

/** What the model said, as it comes back with the next turn. */
export function encodeOutputText({ text, citations = [] }: TextPart): JsonObject {
  const annotations = citations.map((citation) => encodeAnnotation(citation, 0, text.length));
  return { type: "output_text", text, annotations };
}
