import type { ContentPart, DocumentPart } from "../../model/content-part.ts";
import type { Message, SpokenMessage, ToolMessage } from "../../model/conversation.ts";
import type { JsonObject } from "../../model/json.ts";
import { standIn } from "../translation/fit-messages.ts";
import type { Losses } from "../translation/losses.ts";
import { documentAsText, documentText, encodeDocument } from "./blocks/document.ts";
import { encodeImage } from "./blocks/image.ts";
import { encodeThinking, encodeToolPlan } from "./blocks/reasoning.ts";
import { encodeText } from "./blocks/text.ts";
import { encodeToolCall } from "./blocks/tool-call.ts";

/** What one request's messages are written with. */
export interface MessageContext {
  readonly losses: Losses;
  /** Whether documents to cite may stand beside the messages; Cohere takes them with no response format. */
  readonly mayCite: boolean;
  /** The documents to cite so far. */
  readonly documents: JsonObject[];
}

/** One of `messages` (https://docs.cohere.com/v2/reference/chat); undefined for one that says nothing. */
export function encodeMessage(message: Message, context: MessageContext): JsonObject | undefined {
  switch (message.role) {
    case "system":
    case "developer":
      return withContent("system", encodeParts(message.content, context));
    case "user":
      return withContent("user", encodeParts(message.content, context));
    case "assistant":
      return encodeAssistant(message, context);
    case "tool":
      return encodeResult(message, context);
  }
}

function encodeAssistant({ content }: SpokenMessage, context: MessageContext): JsonObject | undefined {
  const calls = content.flatMap((part) => (part.kind === "tool-call" ? [encodeToolCall(part)] : []));
  if (calls.length > 0) return { role: "assistant", ...encodeToolPlan(content), tool_calls: calls };
  const said = content.filter((part) => part.kind !== "reasoning");
  return withContent("assistant", [...encodeThinking(content), ...encodeParts(said, context)]);
}

function encodeResult(message: ToolMessage, context: MessageContext): JsonObject {
  const text = encodeParts(message.content, context)
    .map((part) => (typeof part["text"] === "string" ? part["text"] : ""))
    .join("\n");
  return { role: "tool", tool_call_id: message.toolCallId, content: text };
}

/** A text alone is sent as such, which all models take. */
function withContent(role: string, content: readonly JsonObject[]): JsonObject | undefined {
  const [first] = content;
  if (first === undefined) return undefined;
  const isText = content.length === 1 && first["type"] === "text";
  return { role, content: isText ? first["text"] : content };
}

function encodeParts(parts: readonly ContentPart[], context: MessageContext): readonly JsonObject[] {
  return parts.flatMap((part) => encodePart(part, context));
}

function encodePart(part: ContentPart, context: MessageContext): readonly JsonObject[] {
  switch (part.kind) {
    case "text":
    case "refusal":
      return part.text === "" ? [] : [encodeText(part.text)];
    case "image": {
      const image = encodeImage(part);
      return image === undefined ? [] : [image];
    }
    case "document":
      return encodeAnyDocument(part, context);
    case "other":
      // Only this dialect's own are left, and they are whole parts.
      return [part.value as JsonObject];
    case "reasoning":
    case "tool-call":
    case "audio":
    case "video":
      return [];
  }
}

/** Documents to cite stand beside the messages, others in them; of files only those that are text have any. */
function encodeAnyDocument(part: DocumentPart, context: MessageContext): readonly JsonObject[] {
  const text = documentText(part);
  if (text === undefined) {
    context.losses.add("document-base64", "left out, and the model was told so: it is no text");
    return [encodeText(standIn("a document").text)];
  }
  if (part.citable === true && context.mayCite) {
    context.documents.push(encodeDocument(part, text, context.documents.length));
    return [];
  }
  if (part.citable === true)
    context.losses.add("document-citations", "left out: no citations beside a response format");
  return [encodeText(documentAsText(part, text))];
}
