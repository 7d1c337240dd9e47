import type { DocumentPart } from "../../../model/content-part.ts";
import type { JsonObject } from "../../../model/json.ts";

/** Before the number of a document of ours, in the ids by which citations name it. */
const ID = "document_";

/** The media types whose bytes are text that can be shown as it is. */
const TEXTUAL = /^(text\/|application\/(json|xml|yaml|x-yaml)\b)/i;

/** A document's text; undefined where it has none that Cohere could be sent. */
export function documentText({ source }: DocumentPart): string | undefined {
  if (source.from === "text") return source.text;
  if (source.from !== "base64" || !TEXTUAL.test(source.mediaType)) return undefined;
  return Buffer.from(source.data, "base64").toString();
}

/** One of `documents`, which the answer cites (https://docs.cohere.com/v2/reference/chat, "documents"). */
export function encodeDocument({ name, context }: DocumentPart, text: string, index: number): JsonObject {
  const data = {
    text,
    ...(name !== undefined && { title: name }),
    ...(context !== undefined && { context }),
  };
  return { id: `${ID}${index}`, data };
}

/** A document as a part of the message, where it need not be cited. */
export function documentAsText({ name, context }: DocumentPart, text: string): string {
  const head = [name, context].filter((line) => line !== undefined).join("\n");
  return head === "" ? text : `${head}\n\n${text}`;
}

/** Which of the request's documents an id of ours names. */
export function documentIndex(id: string): number | undefined {
  const number = id.startsWith(ID) ? Number(id.slice(ID.length)) : Number.NaN;
  return Number.isSafeInteger(number) ? number : undefined;
}
