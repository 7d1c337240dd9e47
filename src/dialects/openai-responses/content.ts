import type { ContentPart } from "../../model/content-part.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { decodeAudioPart, encodeAudioPart } from "../openai-chat/blocks/audio.ts";
import { decodeRefusalPart } from "../openai-chat/blocks/refusal.ts";
import { decodeDocumentPart, encodeDocumentPart } from "./blocks/document.ts";
import { decodeImagePart, encodeImagePart } from "./blocks/image.ts";
import { decodeTextPart, encodeInputText, encodeOutputText } from "./blocks/text.ts";

/** `content` of a message, or `output` of a tool's result: a text, or a list of parts. Undefined for what is neither. */
export function decodeContent(
  content: unknown,
  asOther: (part: unknown) => unknown,
): readonly ContentPart[] | undefined {
  if (content === undefined || content === null || content === "") return [];
  if (typeof content === "string") return [{ kind: "text", text: content }];
  if (!Array.isArray(content)) return undefined;
  return content.map((part: unknown): ContentPart => {
    if (typeof part === "string") return { kind: "text", text: part };
    const known = isJsonObject(part) ? decodePart(part) : undefined;
    return known ?? { kind: "other", dialect: "openai-responses", value: asOther(part) };
  });
}

/** What was said to the model. One text alone is written plainly, which every server takes. */
export function encodeInput(parts: readonly ContentPart[]): string | readonly JsonObject[] {
  const [first] = parts;
  if (parts.length === 1 && first?.kind === "text") return first.text;
  return parts.map(encodeInputPart).filter((part) => part !== undefined);
}

/** What the model said, as it comes back with the next turn. */
export function encodeOutput(parts: readonly ContentPart[]): string | readonly JsonObject[] {
  const [first] = parts;
  if (parts.length === 1 && first?.kind === "text" && first.citations === undefined) return first.text;
  return parts.flatMap((part): readonly JsonObject[] => {
    if (part.kind === "text") return [encodeOutputText(part)];
    return part.kind === "refusal" ? [{ type: "refusal", refusal: part.text }] : [];
  });
}

function decodePart(part: JsonObject): ContentPart | undefined {
  switch (part["type"]) {
    case "input_text":
    case "output_text":
    case "text":
      return decodeTextPart(part);
    case "input_image":
      return decodeImagePart(part);
    case "input_file":
      return decodeDocumentPart(part);
    case "input_audio":
      return decodeAudioPart(part);
    case "refusal":
      return decodeRefusalPart(part);
    default:
      return undefined;
  }
}

/** Undefined for what is an item of its own. */
function encodeInputPart(part: ContentPart): JsonObject | undefined {
  switch (part.kind) {
    case "text":
      return encodeInputText(part.text);
    case "image":
      return encodeImagePart(part);
    case "document":
      return encodeDocumentPart(part);
    case "audio":
      return encodeAudioPart(part);
    case "video":
    case "reasoning":
    case "refusal":
    case "tool-call":
    case "other":
      return undefined;
  }
}
