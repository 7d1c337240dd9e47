import type { ImagePart, MediaSource } from "../../../model/content-part.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import { textMember } from "../../json/members.ts";
import { dataUrl, sourceOfUrl } from "../../media/data-url.ts";
import { decodeCacheMarker, encodeCacheMarker } from "./cache-marker.ts";

/** `{"type": "image_url", "image_url": {"url", "detail"}}`; some clients send the address alone. */
export function decodeImagePart(part: JsonObject): ImagePart | undefined {
  const value = part["image_url"];
  const image: JsonObject = isJsonObject(value) ? value : { url: value };
  const url = textMember(image, "url");
  if (url === undefined) return undefined;
  const detail = textMember(image, "detail");
  return {
    kind: "image",
    source: sourceOfUrl(url),
    ...(detail !== undefined && { detail }),
    ...decodeCacheMarker(part),
  };
}

export function encodeImagePart(part: ImagePart): JsonObject {
  const { source, detail } = part;
  if (source.from === "file") return { type: "file", file: { file_id: source.fileId } };
  const image = { url: imageUrl(source), ...(detail !== undefined && { detail }) };
  return { type: "image_url", image_url: image, ...encodeCacheMarker(part) };
}

/** Images of an answer: `images` of a message or delta, as OpenRouter has it (docs, "image generation"). */
export function readImages(message: JsonObject): readonly MediaSource[] {
  const { images } = message;
  if (!Array.isArray(images)) return [];
  return images.flatMap((image: unknown) => {
    const part = isJsonObject(image) ? decodeImagePart(image) : undefined;
    return part === undefined ? [] : [part.source];
  });
}

export function encodeImages(sources: readonly MediaSource[]): readonly JsonObject[] {
  return sources.map((source) => ({ type: "image_url", image_url: { url: imageUrl(source) } }));
}

function imageUrl(source: MediaSource): string {
  switch (source.from) {
    case "url":
      return source.url;
    case "base64":
      return dataUrl(source.mediaType, source.data);
    case "text":
      return dataUrl("text/plain", Buffer.from(source.text).toString("base64"));
    case "file":
      return source.fileId;
  }
}
