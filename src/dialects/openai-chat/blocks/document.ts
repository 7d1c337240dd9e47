import type { DocumentPart, MediaSource } from "../../../model/content-part.ts";
import { GatewayError } from "../../../model/gateway-error.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";
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
export function encodeDocumentPart(part: DocumentPart): JsonObject {
  const { source, name } = part;
  const filename = name !== undefined && { filename: name };
  const marker = encodeCacheMarker(part);
  switch (source.from) {
    case "file":
      return { type: "file", file: { ...filename, file_id: source.fileId }, ...marker };
    case "base64":
      return {
        type: "file",
        file: { ...filename, file_data: dataUrl(source.mediaType, source.data) },
        ...marker,
      };
    case "text":
      return {
        type: "text",
        text: name === undefined ? source.text : `${name}:\n\n${source.text}`,
        ...marker,
      };
    case "url":
      throw new GatewayError("cannot_translate", {
        message:
          "The provider of this model takes documents only as bytes inside the request, not by address.",
      });
  }
}

function sourceOf(file: JsonObject): MediaSource | undefined {
  const fileId = textMember(file, "file_id");
  if (fileId !== undefined) return { from: "file", vendor: "openai", fileId };
  const data = textMember(file, "file_data");
  const source = data === undefined ? undefined : sourceOfUrl(data);
  return source?.from === "base64" ? source : undefined;
}
