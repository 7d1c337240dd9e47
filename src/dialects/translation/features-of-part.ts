import type { ContentPart, MediaSource } from "../../model/content-part.ts";
import type { Feature } from "../../model/loss.ts";
import type { Bounds } from "./bounds.ts";

/** The feature without which a dialect can't carry the part at all; undefined where it can. */
export function lackingForPart(part: ContentPart, bounds: Bounds): Feature | undefined {
  const needed = isReadable(part, bounds) ? undefined : featureOfPart(part, bounds);
  return needed === undefined || !bounds.lacks.has(needed) ? foreign(part, bounds) : needed;
}

/** An address of the vendor's own storage is no address of the web. */
function isReadable(part: ContentPart, { addresses = [] }: Bounds): boolean {
  if (!("source" in part) || part.source.from !== "url") return false;
  const { url } = part.source;
  return addresses.some((beginning) => url.startsWith(beginning));
}

/** What belongs to one vendor alone, whatever the other dialect is able to say. */
function foreign(part: ContentPart, { dialect, vendor }: Bounds): Feature | undefined {
  if (part.kind === "other") return part.dialect === dialect ? undefined : "vendor-part";
  const isFile = "source" in part && part.source.from === "file";
  return isFile && part.source.vendor !== vendor ? "uploaded-file" : undefined;
}

function featureOfPart(part: ContentPart, bounds: Bounds): Feature | undefined {
  switch (part.kind) {
    case "image":
      return featureOfImage(part.source);
    case "audio":
      return "audio";
    case "video":
      return "video";
    case "document":
      return featureOfDocument(part.source);
    case "reasoning":
      return part.signature === undefined || !carries(bounds, part.signature.vendor)
        ? "reasoning-history"
        : undefined;
    case "refusal":
      return "refusal-history";
    case "text":
    case "tool-call":
    case "other":
      return undefined;
  }
}

function carries(bounds: Bounds, vendor: string): boolean {
  return bounds.signatures.some((carried) => carried === vendor);
}

function featureOfImage({ from }: MediaSource): Feature {
  if (from === "file") return "uploaded-file";
  return from === "url" ? "image-url" : "image-base64";
}

function featureOfDocument({ from }: MediaSource): Feature {
  switch (from) {
    case "file":
      return "uploaded-file";
    case "url":
      return "document-url";
    case "base64":
      return "document-base64";
    case "text":
      return "document-text";
  }
}
