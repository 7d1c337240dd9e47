import type { ContentPart, MediaSource } from "../../../model/conversation.ts";
import { GatewayError } from "../../../model/gateway-error.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import { textMember } from "../../json/members.ts";
import { dataUrl, sourceOfUrl } from "./data-url.ts";

/** `{"type": "file", "file": {"file_data" or "file_id", "filename"}}`. */
export function decodeDocumentPart(part: JsonObject): ContentPart | undefined {
  const file = part["file"];
  if (!isJsonObject(file)) return undefined;
  const name = textMember(file, "filename");
  const source = sourceOf(file);
  return source && { kind: "document", source, ...(name !== undefined && { name }) };
}

export function encodeDocumentPart(source: MediaSource, name: string | undefined): JsonObject {
  const filename = name !== undefined && { filename: name };
  switch (source.from) {
    case "file":
      return { type: "file", file: { ...filename, file_id: source.fileId } };
    case "base64":
      return { type: "file", file: { ...filename, file_data: dataUrl(source.mediaType, source.data) } };
    case "url":
      throw new GatewayError("invalid_request", {
        message:
          "The provider of this model takes documents only as bytes inside the request, not by address.",
      });
  }
}

function sourceOf(file: JsonObject): MediaSource | undefined {
  const fileId = textMember(file, "file_id");
  if (fileId !== undefined) return { from: "file", fileId };
  const data = textMember(file, "file_data");
  const source = data === undefined ? undefined : sourceOfUrl(data);
  return source?.from === "base64" ? source : undefined;
}
