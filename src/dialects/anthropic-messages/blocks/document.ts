import type { DocumentPart, MediaSource } from "../../../model/content-part.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import { textMember } from "../../json/members.ts";
import { decodeCacheMarker, encodeCacheMarker } from "./cache-marker.ts";
import { encodeMediaSource, readMediaSource } from "./image.ts";

const TEXT_TYPE = "text/";

/** `{"type": "document", "source", "title", "context", "citations"}` (.../docs/en/build-with-claude/pdf-support). */
export function decodeDocumentPart(block: JsonObject): DocumentPart | undefined {
  const source = readDocumentSource(block["source"]);
  if (source === undefined) return undefined;
  const name = textMember(block, "title");
  const context = textMember(block, "context");
  const citable = readCitable(block);
  const isInBlocks = isJsonObject(block["source"]) && block["source"]["type"] === "content";
  return {
    kind: "document",
    source,
    ...(name !== undefined && { name }),
    ...(context !== undefined && { context }),
    ...(citable !== undefined && { citable }),
    ...decodeCacheMarker(block),
    ...(isInBlocks && original(block)),
  };
}

/** `{"type": "search_result", "source", "title", "content"}`: a passage that the client found. */
export function decodeSearchResultPart(block: JsonObject): DocumentPart | undefined {
  const text = textOfBlocks(block["content"]);
  if (text === undefined) return undefined;
  const name = textMember(block, "title");
  const context = textMember(block, "source");
  const citable = readCitable(block);
  return {
    kind: "document",
    source: { from: "text", text },
    ...(name !== undefined && { name }),
    ...(context !== undefined && { context }),
    ...(citable !== undefined && { citable }),
    ...decodeCacheMarker(block),
    ...original(block),
  };
}

export function encodeDocumentPart(part: DocumentPart): JsonObject {
  const { name, context, citable, original: own } = part;
  if (own?.dialect === "anthropic-messages") return own.value;
  return {
    type: "document",
    source: encodeMediaSource(plainSource(part.source)),
    ...(name !== undefined && { title: name }),
    ...(context !== undefined && { context }),
    ...(citable !== undefined && { citations: { enabled: citable } }),
    ...encodeCacheMarker(part),
  };
}

function readDocumentSource(value: unknown): MediaSource | undefined {
  if (!isJsonObject(value)) return undefined;
  const { type, data, content } = value;
  if (type === "text") return typeof data === "string" ? { from: "text", text: data } : undefined;
  if (type !== "content") return readMediaSource(value);
  const text = textOfBlocks(content);
  return text === undefined ? undefined : { from: "text", text };
}

/** Blocks of text and images as one text, for who can be told no other; where an image was is said. */
function textOfBlocks(content: unknown): string | undefined {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return undefined;
  const texts = content.map((block) =>
    isJsonObject(block) && typeof block["text"] === "string" ? block["text"] : "[Here was an image.]",
  );
  return texts.join("\n\n");
}

/** Plain text that came as bytes is taken as text alone. */
function plainSource(source: MediaSource): MediaSource {
  if (source.from !== "base64" || !source.mediaType.startsWith(TEXT_TYPE)) return source;
  return { from: "text", text: Buffer.from(source.data, "base64").toString() };
}

function readCitable(block: JsonObject): boolean | undefined {
  const { citations } = block;
  const enabled = isJsonObject(citations) ? citations["enabled"] : undefined;
  return typeof enabled === "boolean" ? enabled : undefined;
}

const original = (value: JsonObject): Pick<DocumentPart, "original"> => ({
  original: { dialect: "anthropic-messages", value },
});
