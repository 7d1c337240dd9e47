import type { MediaSource } from "../../model/content-part.ts";

const SCHEME = "data:";
const BASE64 = ";base64";

/** An address as a source: a data URL (RFC 2397) in base64 is its bytes, anything else stays an address. */
export function sourceOfUrl(url: string): MediaSource {
  const comma = url.indexOf(",");
  const head = url.slice(0, Math.max(0, comma));
  if (!head.startsWith(SCHEME) || !head.endsWith(BASE64)) return { from: "url", url };
  return { from: "base64", mediaType: head.slice(SCHEME.length, -BASE64.length), data: url.slice(comma + 1) };
}

/** Bytes as a data URL. */
export function dataUrl(mediaType: string, data: string): string {
  return `${SCHEME}${mediaType}${BASE64},${data}`;
}
