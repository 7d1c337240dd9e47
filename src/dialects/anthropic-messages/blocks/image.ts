import type { ImagePart, MediaSource } from "../../../model/content-part.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import { textMember } from "../../json/members.ts";
import { dataUrl } from "../../media/data-url.ts";
import { decodeCacheMarker, encodeCacheMarker } from "./cache-marker.ts";

/** `{"type": "image", "source"}` (https://platform.claude.com/docs/en/build-with-claude/vision). */
export function decodeImagePart(block: JsonObject): ImagePart | undefined {
  const source = readMediaSource(block["source"]);
  return source && { kind: "image", source, ...decodeCacheMarker(block) };
}

export function encodeImagePart(part: ImagePart): JsonObject {
  return { type: "image", source: encodeMediaSource(part.source), ...encodeCacheMarker(part) };
}

/** An image of an answer: this dialect's answers hold none, so it is told as Markdown. */
export function imageAsText(source: MediaSource): string {
  switch (source.from) {
    case "url":
      return `![image](${source.url})`;
    case "base64":
      return `![image](${dataUrl(source.mediaType, source.data)})`;
    case "text":
      return source.text;
    case "file":
      return `![image](${source.fileId})`;
  }
}

/** `source` of an image or document where it is an address, bytes or an uploaded file. */
export function readMediaSource(value: unknown): MediaSource | undefined {
  if (!isJsonObject(value)) return undefined;
  switch (value["type"]) {
    case "base64": {
      const mediaType = textMember(value, "media_type");
      const { data } = value;
      return mediaType === undefined || typeof data !== "string"
        ? undefined
        : { from: "base64", mediaType, data };
    }
    case "url": {
      const url = textMember(value, "url");
      return url === undefined ? undefined : { from: "url", url };
    }
    case "file": {
      const fileId = textMember(value, "file_id");
      return fileId === undefined ? undefined : { from: "file", vendor: "anthropic", fileId };
    }
    default:
      return undefined;
  }
}

export function encodeMediaSource(source: MediaSource): JsonObject {
  switch (source.from) {
    case "url":
      return { type: "url", url: source.url };
    case "base64":
      return { type: "base64", media_type: source.mediaType, data: source.data };
    case "text":
      return { type: "text", media_type: "text/plain", data: source.text };
    case "file":
      return { type: "file", file_id: source.fileId };
  }
}
