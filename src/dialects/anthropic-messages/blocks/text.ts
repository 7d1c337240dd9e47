import type { Citation } from "../../../model/citation.ts";
import type { TextPart } from "../../../model/content-part.ts";
import type { JsonObject } from "../../../model/json.ts";
import type { WireBlock } from "../wire.ts";
import { decodeCacheMarker, encodeCacheMarker } from "./cache-marker.ts";
import { encodeCitation, encodeCitationHistory, readCitations } from "./citation.ts";

/** `{"type": "text", "text", "citations"}`. */
export function decodeTextPart(block: JsonObject): TextPart | undefined {
  const { text } = block;
  if (typeof text !== "string") return undefined;
  const citations = readCitations(block["citations"]);
  return { kind: "text", text, ...(citations.length > 0 && { citations }), ...decodeCacheMarker(block) };
}

/** A text to send; undefined for one that is blank, which is refused. */
export function encodeTextPart(part: TextPart): JsonObject | undefined {
  if (part.text.trim() === "") return undefined;
  return {
    type: "text",
    text: part.text,
    ...encodeCitationHistory(part.citations),
    ...encodeCacheMarker(part),
  };
}

/** A text of an answer, as a client is given it. */
export function encodeTextBlock(text: string, citations: readonly Citation[] = []): WireBlock {
  return { type: "text", text, citations: citations.length === 0 ? null : citations.map(encodeCitation) };
}
