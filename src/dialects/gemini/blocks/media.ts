import type {
  AudioPart,
  DocumentPart,
  ImagePart,
  MediaSource,
  VideoPart,
} from "../../../model/content-part.ts";
import type { JsonObject } from "../../../model/json.ts";
import { objectOf, textOf } from "../members.ts";
import { mediaTypeOfAddress } from "./media-type.ts";

/** Parts that are no text. */
export type MediaPart = ImagePart | AudioPart | VideoPart | DocumentPart;

/** What Google's own storage is addressed by, whatever the host: the Files API's addresses, and Cloud Storage's. */
const UPLOADED = /^(?:gs:\/\/|files\/|https:\/\/[^/]+\/v1[a-z0-9]*\/files\/)/;
const YOUTUBE = /^https?:\/\/(?:www\.|m\.)?(?:youtube\.com|youtu\.be)\//;

/** Google's name of a media type, where it is not the registered one. */
const GOOGLES_NAMES: ReadonlyMap<string, string> = new Map([["audio/mpeg", "audio/mp3"]]);
const REGISTERED_NAMES = new Map([...GOOGLES_NAMES].map(([registered, own]) => [own, registered]));

/**
 * `{"inlineData": {"mimeType", "data"}}` or `{"fileData": {"mimeType", "fileUri"}}`
 * (https://ai.google.dev/api/caching#Part). Undefined for a part that is neither.
 */
export function decodeMediaPart(part: JsonObject): MediaPart | undefined {
  const inline = objectOf(part, "inlineData");
  if (inline !== undefined) return decodeInline(inline, part);
  const file = objectOf(part, "fileData");
  return file && decodeFile(file, part);
}

/** Bytes inside the request, or an address from which Google fetches them itself. */
export function encodeMediaPart({ kind, source }: MediaPart): string {
  switch (source.from) {
    case "base64":
      return inline(source.mediaType, source.data);
    case "text":
      return inline("text/plain", Buffer.from(source.text).toString("base64"));
    case "file":
      return fileAt(source.fileId, source.mediaType);
    case "url":
      return fileAt(source.url, source.mediaType ?? mediaTypeOfAddress(source.url, kind));
  }
}

/** An image of an answer. Undefined for what is none. */
export function readImage(part: JsonObject): MediaSource | undefined {
  const media = decodeMediaPart(part);
  return media?.kind === "image" ? media.source : undefined;
}

function inline(mediaType: string, data: string): string {
  return JSON.stringify({ inlineData: { mimeType: GOOGLES_NAMES.get(mediaType) ?? mediaType, data } });
}

function fileAt(fileUri: string, mediaType: string | undefined): string {
  return JSON.stringify({ fileData: { ...(mediaType !== undefined && { mimeType: mediaType }), fileUri } });
}

function decodeInline(blob: JsonObject, part: JsonObject): MediaPart | undefined {
  const given = textOf(blob, "mimeType") ?? "application/octet-stream";
  const mediaType = REGISTERED_NAMES.get(given) ?? given;
  const data = textOf(blob, "data");
  if (data === undefined) return undefined;
  const isText = mediaType.startsWith("text/") || mediaType === "application/json";
  const source: MediaSource = isText
    ? { from: "text", text: Buffer.from(data, "base64").toString() }
    : { from: "base64", mediaType, data };
  return partOf(mediaType, source, blob, part);
}

function decodeFile(file: JsonObject, part: JsonObject): MediaPart | undefined {
  const address = textOf(file, "fileUri");
  if (address === undefined) return undefined;
  const mediaType = textOf(file, "mimeType");
  const known = mediaType !== undefined && { mediaType };
  const source: MediaSource = UPLOADED.test(address)
    ? { from: "file", vendor: "google", fileId: address, ...known }
    : { from: "url", url: address, ...known };
  const kind = YOUTUBE.test(address) ? "video/*" : (mediaType ?? mediaTypeOfAddress(address, "document"));
  return partOf(kind, source, file, part);
}

function partOf(mediaType: string, source: MediaSource, holder: JsonObject, part: JsonObject): MediaPart {
  if (mediaType.startsWith("image/")) return { kind: "image", source, ...detailOf(part) };
  if (mediaType.startsWith("audio/")) return { kind: "audio", source };
  if (mediaType.startsWith("video/")) return { kind: "video", source };
  const name = textOf(holder, "displayName");
  return { kind: "document", source, ...(name !== undefined && { name }) };
}

/** `mediaResolution` of one part (https://ai.google.dev/gemini-api/docs/media-resolution). */
function detailOf(part: JsonObject): { readonly detail?: string } {
  const resolution = objectOf(part, "mediaResolution");
  switch (resolution && textOf(resolution, "level")) {
    case "MEDIA_RESOLUTION_LOW":
      return { detail: "low" };
    case "MEDIA_RESOLUTION_HIGH":
    case "MEDIA_RESOLUTION_ULTRA_HIGH":
      return { detail: "high" };
    default:
      return {};
  }
}
