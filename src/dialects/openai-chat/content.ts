import type { ContentPart } from "../../model/content-part.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { Quirks } from "../../model/quirks.ts";
import { decodeAudioPart, encodeAudioPart } from "./blocks/audio.ts";
import { decodeDocumentPart, encodeDocumentPart } from "./blocks/document.ts";
import { decodeImagePart, encodeImagePart } from "./blocks/image.ts";
import { decodeThinkingPart } from "./blocks/reasoning.ts";
import { decodeRefusalPart } from "./blocks/refusal.ts";
import { decodeTextPart, encodeTextPart } from "./blocks/text.ts";
import { decodeVideoPart, encodeVideoPart } from "./blocks/video.ts";

/** `content` of a message, in a request or an answer: absent, a text, or a list of parts. Undefined for what is none. */
export function decodeContent(content: unknown): readonly ContentPart[] | undefined {
  if (content === undefined || content === null || content === "") return [];
  if (typeof content === "string") return [{ kind: "text", text: content }];
  return Array.isArray(content) ? content.map(decodePart) : undefined;
}

/** The inverse: one text alone is written plainly, since not every server takes lists. */
export function encodeContent(parts: readonly ContentPart[], quirks: Quirks): string | readonly unknown[] {
  const encoded = parts.map((part) => encodePart(part, quirks)).filter((part) => part !== undefined);
  if (encoded.length === 0) return "";
  const [first] = parts;
  return parts.length === 1 && first?.kind === "text" && first.cache === undefined ? first.text : encoded;
}

function decodePart(part: unknown): ContentPart {
  if (typeof part === "string") return { kind: "text", text: part };
  const known = isJsonObject(part) ? decodeKnownPart(part) : undefined;
  return known ?? { kind: "other", dialect: "openai-chat", value: part };
}

function decodeKnownPart(part: JsonObject): ContentPart | undefined {
  switch (part["type"]) {
    case "text":
      return decodeTextPart(part);
    case "image_url":
      return decodeImagePart(part);
    case "input_audio":
      return decodeAudioPart(part);
    case "file":
      return decodeDocumentPart(part);
    case "video_url":
      return decodeVideoPart(part);
    case "refusal":
      return decodeRefusalPart(part);
    case "thinking":
      return decodeThinkingPart(part);
    default:
      return undefined;
  }
}

/** Undefined for what stands beside the content (reasoning, refusal, tool calls) and for another dialect's own. */
function encodePart(part: ContentPart, quirks: Quirks): unknown {
  switch (part.kind) {
    case "text":
      return encodeTextPart(part);
    case "image":
      return encodeImagePart(part);
    case "audio":
      return encodeAudioPart(part, quirks);
    case "document":
      return encodeDocumentPart(part, quirks);
    case "video":
      return encodeVideoPart(part);
    case "other":
      return part.dialect === "openai-chat" ? part.value : undefined;
    case "reasoning":
    case "refusal":
    case "tool-call":
      return undefined;
  }
}
