import type { MediaSource } from "../../../model/content-part.ts";
import type { JsonObject } from "../../../model/json.ts";

/** The only addresses that Bedrock reads from. */
export const ADDRESSES: readonly string[] = ["s3://"];

/** Formats by media type. */
export type Formats = { readonly [mediaType: string]: string };

/** `source` of an image, film or sound: its bytes, or where they are in S3. Undefined for any other source. */
export function encodeSource(source: MediaSource): JsonObject | undefined {
  if (source.from === "base64") return { bytes: source.data };
  if (source.from !== "url") return undefined;
  const { url } = source;
  const isReadable = ADDRESSES.some((beginning) => url.startsWith(beginning));
  return isReadable ? { s3Location: { uri: url } } : undefined;
}

/** The format of what is there, by its media type or by the ending of its address; undefined for an unknown one. */
export function formatOf(source: MediaSource, formats: Formats): string | undefined {
  if ("mediaType" in source && source.mediaType !== undefined) {
    const [mediaType = ""] = source.mediaType.split(";", 1);
    const known = mediaType.trim().toLowerCase();
    return Object.hasOwn(formats, known) ? formats[known] : undefined;
  }
  if (source.from !== "url") return undefined;
  const ending = source.url.slice(source.url.lastIndexOf(".") + 1).toLowerCase();
  return Object.values(formats).find((format) => format === ending) ?? ALIASES[ending];
}

const ALIASES: { readonly [ending: string]: string | undefined } = { jpg: "jpeg" };
