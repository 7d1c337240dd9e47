import type { ImagePart, MediaSource } from "../../../model/content-part.ts";
import type { JsonObject } from "../../../model/json.ts";
import { textMember } from "../../json/members.ts";
import { dataUrl, sourceOfUrl } from "../../media/data-url.ts";
import { decodeCacheMarker } from "./cache-marker.ts";

/** `{"type": "input_image", "image_url" or "file_id", "detail"}`; `auto` is what is meant where no detail is given. */
export function decodeImagePart(part: JsonObject): ImagePart | undefined {
  const source = sourceOf(part);
  if (source === undefined) return undefined;
  const detail = textMember(part, "detail");
  const isUsual = detail === undefined || detail === "auto";
  return { kind: "image", source, ...(!isUsual && { detail }), ...decodeCacheMarker(part) };
}

export function encodeImagePart({ source, detail = "auto" }: ImagePart): JsonObject {
  if (source.from === "file") return { type: "input_image", file_id: source.fileId, detail };
  return { type: "input_image", image_url: imageUrl(source), detail };
}

/** The pixels that an `image_generation_call` gave. OpenAI says their form in `output_format`; absent, it is PNG. */
export function readGeneratedImage(item: JsonObject): MediaSource | undefined {
  const data = textMember(item, "result");
  if (data === undefined) return undefined;
  if (data.includes(":")) return sourceOfUrl(data);
  return { from: "base64", mediaType: `image/${textMember(item, "output_format") ?? "png"}`, data };
}

/** `result` and `output_format` of a picture; undefined for one that is not given as bytes. */
export function encodeGeneratedImage(source: MediaSource): JsonObject | undefined {
  if (source.from !== "base64") return undefined;
  return { result: source.data, output_format: source.mediaType.slice(source.mediaType.indexOf("/") + 1) };
}

function sourceOf(part: JsonObject): MediaSource | undefined {
  const url = textMember(part, "image_url");
  if (url !== undefined) return sourceOfUrl(url);
  const fileId = textMember(part, "file_id");
  return fileId === undefined ? undefined : { from: "file", vendor: "openai", fileId };
}

function imageUrl(source: Exclude<MediaSource, { readonly from: "file" }>): string {
  switch (source.from) {
    case "url":
      return source.url;
    case "base64":
      return dataUrl(source.mediaType, source.data);
    case "text":
      return dataUrl("text/plain", Buffer.from(source.text).toString("base64"));
  }
}
