import type { ContentPart, MediaSource } from "../../../model/conversation.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import { textMember } from "../../json/members.ts";
import { dataUrl, sourceOfUrl } from "./data-url.ts";

/** `{"type": "image_url", "image_url": {"url", "detail"}}`; some clients send the address alone. */
export function decodeImagePart(part: JsonObject): ContentPart | undefined {
  const value = part["image_url"];
  const image: JsonObject = isJsonObject(value) ? value : { url: value };
  const url = textMember(image, "url");
  if (url === undefined) return undefined;
  const detail = textMember(image, "detail");
  return { kind: "image", source: sourceOfUrl(url), ...(detail !== undefined && { detail }) };
}

export function encodeImagePart(source: MediaSource, detail: string | undefined): JsonObject {
  if (source.from === "file") return { type: "file", file: { file_id: source.fileId } };
  const url = source.from === "url" ? source.url : dataUrl(source.mediaType, source.data);
  return { type: "image_url", image_url: { url, ...(detail !== undefined && { detail }) } };
}
