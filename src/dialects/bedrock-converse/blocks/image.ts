import type { MediaSource } from "../../../model/content-part.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import { textMember } from "../../json/members.ts";
import { encodeSource, type Formats, formatOf } from "./media-bytes.ts";

const FORMATS: Formats = {
  "image/png": "png",
  "image/jpeg": "jpeg",
  "image/jpg": "jpeg",
  "image/gif": "gif",
  "image/webp": "webp",
};

/**
 * An image block (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ImageBlock.html); undefined for a
 * format that Bedrock doesn't know.
 */
export function encodeImage(source: MediaSource): JsonObject | undefined {
  const format = formatOf(source, FORMATS);
  const encoded = encodeSource(source);
  return format === undefined || encoded === undefined ? undefined : { image: { format, source: encoded } };
}

/** The image that an answer brings, whole or what a stream has put together. */
export function readImage(image: JsonObject): MediaSource | undefined {
  const { source } = image;
  const data = isJsonObject(source) ? textMember(source, "bytes") : undefined;
  if (data === undefined) return undefined;
  return { from: "base64", mediaType: `image/${textMember(image, "format") ?? "png"}`, data };
}
