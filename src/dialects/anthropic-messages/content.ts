import type { ContentPart } from "../../model/content-part.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { decodeDocumentPart, decodeSearchResultPart, encodeDocumentPart } from "./blocks/document.ts";
import { decodeImagePart, encodeImagePart } from "./blocks/image.ts";
import { readPartSignature } from "./blocks/part-signature.ts";
import { decodeRedactedPart, decodeThinkingPart, encodeReasoningPart } from "./blocks/reasoning.ts";
import { decodeTextPart, encodeTextPart } from "./blocks/text.ts";
import { decodeToolCallPart, encodeToolCallPart } from "./blocks/tool-call.ts";

/** `content` of a message or a tool's result: a text, or a list of blocks. Undefined for what is none. */
export function decodeContent(content: unknown): readonly ContentPart[] | undefined {
  if (content === undefined || content === null || content === "") return [];
  if (typeof content === "string") return [{ kind: "text", text: content }];
  return Array.isArray(content) ? decodeBlocks(content) : undefined;
}

/** A list of blocks, proofs that stand behind their blocks put into them. */
export function decodeBlocks(blocks: readonly unknown[]): readonly ContentPart[] {
  const parts: ContentPart[] = [];
  for (const block of blocks) {
    const signature = isJsonObject(block) ? readPartSignature(block) : undefined;
    const last = parts.at(-1);
    if (signature === undefined) parts.push(decodeBlock(block));
    else if (last?.kind === "text" || last?.kind === "tool-call") parts.splice(-1, 1, { ...last, signature });
  }
  return parts;
}

/** The inverse; parts that say nothing here are left out. */
export function encodeBlocks(parts: readonly ContentPart[]): readonly JsonObject[] {
  return parts.map(encodeBlock).filter((block) => block !== undefined);
}

/** As a plain text where it is nothing else, which every server takes. */
export function encodeContent(parts: readonly ContentPart[]): string | readonly JsonObject[] {
  const blocks = encodeBlocks(parts);
  const [first] = blocks;
  const isPlain = blocks.length === 1 && first?.["type"] === "text" && Object.keys(first).length === 2;
  return isPlain && typeof first["text"] === "string" ? first["text"] : blocks;
}

function decodeBlock(block: unknown): ContentPart {
  if (typeof block === "string") return { kind: "text", text: block };
  const known = isJsonObject(block) ? decodeKnownBlock(block) : undefined;
  return known ?? { kind: "other", dialect: "anthropic-messages", value: block };
}

function decodeKnownBlock(block: JsonObject): ContentPart | undefined {
  switch (block["type"]) {
    case "text":
      return decodeTextPart(block);
    case "image":
      return decodeImagePart(block);
    case "document":
      return decodeDocumentPart(block);
    case "search_result":
      return decodeSearchResultPart(block);
    case "thinking":
      return decodeThinkingPart(block);
    case "redacted_thinking":
      return decodeRedactedPart(block);
    case "tool_use":
      return decodeToolCallPart(block);
    default:
      return undefined;
  }
}

function encodeBlock(part: ContentPart): JsonObject | undefined {
  switch (part.kind) {
    case "text":
      return encodeTextPart(part);
    case "image":
      return encodeImagePart(part);
    case "document":
      return encodeDocumentPart(part);
    case "reasoning":
      return encodeReasoningPart(part);
    case "tool-call":
      return encodeToolCallPart(part);
    case "refusal":
      return encodeTextPart({ kind: "text", text: part.text });
    case "other":
      return part.dialect === "anthropic-messages" && isJsonObject(part.value) ? part.value : undefined;
    case "audio":
    case "video":
      return undefined;
  }
}
