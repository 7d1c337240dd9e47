import type { DocumentPart, MediaSource } from "../../../model/content-part.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import type { Quirks } from "../../../model/quirks.ts";
import { textMember } from "../../json/members.ts";
import { dataUrl, sourceOfUrl } from "../../media/data-url.ts";
import { decodeCacheMarker, encodeCacheMarker } from "./cache-marker.ts";

/** `{"type": "file", "file": {"file_data" or "file_id", "filename"}}`. */
export function decodeDocumentPart(part: JsonObject): DocumentPart | undefined {
  const file = part["file"];
  if (!isJsonObject(file)) return undefined;
  const name = textMember(file, "filename");
  const source = sourceOf(file);
  if (source === undefined) return undefined;
  return { kind: "document", source, ...(name !== undefined && { name }), ...decodeCacheMarker(part) };
}

/** Plain text needs no file: it is said as text, under its name. */
export function encodeDocumentPart(part: DocumentPart, { documentForm = "file" }: Quirks = {}): JsonObject {
  const { source, name } = part;
  const marker = encodeCacheMarker(part);
  switch (source.from) {
    case "file":
      return { type: "file", file: { ...named("filename", name), file_id: source.fileId }, ...marker };
    case "base64": {
      const url = dataUrl(source.mediaType, source.data);
      return { ...ENCODERS[documentForm](url, name ?? usualName(source.mediaType)), ...marker };
    }
    case "url":
      return { ...ENCODERS[documentForm](source.url, name), ...marker };
    case "text":
      return {
        type: "text",
        text: name === undefined ? source.text : `${name}:\n\n${source.text}`,
        ...marker,
      };
  }
}

/** OpenAI refuses bytes without the name of a file, and goes by its ending. */
function usualName(mediaType: string): string {
  return `document.${mediaType.slice(mediaType.indexOf("/") + 1)}`;
}

type Encoder = (url: string, name: string | undefined) => JsonObject;

/**
 * Where a document's address goes, be it one of data: OpenAI's and OpenRouter's `file`
 * (https://openrouter.ai/docs/guides/overview/multimodal/pdfs), Mistral's `document_url`
 * (https://docs.mistral.ai/capabilities/document_ai/document_qna), Perplexity's `file_url`
 * (https://docs.perplexity.ai/guides/file-attachments).
 */
const ENCODERS: { readonly [F in NonNullable<Quirks["documentForm"]>]: Encoder } = {
  file: (url, name) => ({ type: "file", file: { ...named("filename", name), file_data: url } }),
  document_url: (url, name) => ({ type: "document_url", document_url: url, ...named("document_name", name) }),
  // Bytes are told without the scheme of a data address.
  file_url: (url, name) => ({
    type: "file_url",
    file_url: { url: url.replace(/^data:[^,]*,/, "") },
    ...named("file_name", name),
  }),
};

function named(member: string, name: string | undefined): JsonObject {
  return name === undefined ? {} : { [member]: name };
}

function sourceOf(file: JsonObject): MediaSource | undefined {
  const fileId = textMember(file, "file_id");
  if (fileId !== undefined) return { from: "file", vendor: "openai", fileId };
  const data = textMember(file, "file_data");
  return data === undefined ? undefined : sourceOfUrl(data);
}
