import type { DocumentPart, MediaSource } from "../../../model/content-part.ts";
import type { JsonObject } from "../../../model/json.ts";
import { textMember } from "../../json/members.ts";
import { dataUrl, sourceOfUrl } from "../../media/data-url.ts";
import { decodeCacheMarker } from "./cache-marker.ts";
import { encodeInputText } from "./text.ts";

/** What bytes without a media type are taken for: the one kind of file that all vendors read. */
const USUAL_TYPE = "application/pdf";

/** `{"type": "input_file", "file_data", "file_url" or "file_id", "filename"}`. */
export function decodeDocumentPart(part: JsonObject): DocumentPart | undefined {
  const source = sourceOf(part);
  if (source === undefined) return undefined;
  const name = textMember(part, "filename");
  return { kind: "document", source, ...(name !== undefined && { name }), ...decodeCacheMarker(part) };
}

/** Plain text needs no file: it is said as text, under its name. */
export function encodeDocumentPart({ source, name }: DocumentPart): JsonObject {
  const filename = name !== undefined && { filename: name };
  switch (source.from) {
    case "file":
      return { type: "input_file", ...filename, file_id: source.fileId };
    case "url":
      return { type: "input_file", ...filename, file_url: source.url };
    case "base64": {
      const usual = `document.${source.mediaType.slice(source.mediaType.indexOf("/") + 1)}`;
      const file_data = dataUrl(source.mediaType, source.data);
      return { type: "input_file", filename: name ?? usual, file_data };
    }
    case "text":
      return encodeInputText(name === undefined ? source.text : `${name}:\n\n${source.text}`);
  }
}

function sourceOf(part: JsonObject): MediaSource | undefined {
  const fileId = textMember(part, "file_id");
  if (fileId !== undefined) return { from: "file", vendor: "openai", fileId };
  const url = textMember(part, "file_url");
  if (url !== undefined) return sourceOfUrl(url);
  const data = textMember(part, "file_data");
  if (data === undefined) return undefined;
  const source = sourceOfUrl(data);
  return source.from === "base64" ? source : { from: "base64", mediaType: USUAL_TYPE, data };
}
