import type { ImagePart } from "../../../model/content-part.ts";
import type { JsonObject } from "../../../model/json.ts";
import { dataUrl } from "../../media/data-url.ts";

/** `{"type": "image_url", "image_url": {"url", "detail"}}`; undefined for a source that is neither bytes nor address. */
export function encodeImage({ source, detail }: ImagePart): JsonObject | undefined {
  if (source.from !== "base64" && source.from !== "url") return undefined;
  const url = source.from === "url" ? source.url : dataUrl(source.mediaType, source.data);
  return { type: "image_url", image_url: { url, ...(detail !== undefined && { detail }) } };
}
