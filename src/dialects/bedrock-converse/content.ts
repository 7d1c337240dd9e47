import type { ContentPart, DocumentPart } from "../../model/content-part.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Feature } from "../../model/loss.ts";
import type { Quirks } from "../../model/quirks.ts";
import { standIn } from "../translation/fit-messages.ts";
import type { Losses } from "../translation/losses.ts";
import { fitToolCallId } from "../translation/tool-call-id.ts";
import { encodeAudio } from "./blocks/audio.ts";
import { encodeCachePoint } from "./blocks/cache-point.ts";
import { encodeDocument } from "./blocks/document.ts";
import { encodeImage } from "./blocks/image.ts";
import { encodeReasoning } from "./blocks/reasoning.ts";
import { encodeText } from "./blocks/text.ts";
import { encodeToolCall } from "./blocks/tool-call.ts";
import { encodeVideo } from "./blocks/video.ts";

/** What one request's blocks are written with. */
export interface ContentContext {
  readonly quirks: Quirks;
  readonly losses: Losses;
  /** The names of its documents so far, none of which may come twice. */
  readonly documentNames: Set<string>;
}

/** The blocks of some parts, each with the cache point that stands behind it. */
export function encodeContent(parts: readonly ContentPart[], context: ContentContext): readonly JsonObject[] {
  return parts.flatMap((part) => {
    const blocks = encodePart(part, context);
    return blocks.length > 0 && "cache" in part ? [...blocks, ...cachePoint(part, context)] : blocks;
  });
}

/** A cache point as the family takes it. */
export function cachePoint(part: Parameters<typeof encodeCachePoint>[0], context: ContentContext) {
  const { quirks, losses } = context;
  const { cache } = part;
  if (cache === undefined || quirks.cacheLifetimes?.includes(cache.ttl) !== false)
    return encodeCachePoint(part);
  losses.add("cache-marker", "five minutes were asked for, the longest that it takes");
  return encodeCachePoint({ cache: { ttl: "5m" } });
}

/** The id of a tool call: letters, digits, `_` and `-`, at most 64 of them. */
export function toolUseId(id: string, { quirks }: ContentContext): string {
  return fitToolCallId(id, /^[A-Za-z0-9_-]{1,64}$/, quirks);
}

function encodePart(part: ContentPart, context: ContentContext): readonly JsonObject[] {
  switch (part.kind) {
    case "text":
    case "refusal":
      return encodeText(part.text);
    case "image":
      return [encodeImage(part.source) ?? unknownFormat("an image", "image-base64", context)];
    case "audio":
      return [encodeAudio(part.source) ?? unknownFormat("an audio recording", "audio", context)];
    case "video":
      return [encodeVideo(part.source) ?? unknownFormat("a video", "video", context)];
    case "document":
      return [encodeDocument(part, context.documentNames) ?? unknownDocument(part, context)];
    case "reasoning":
      return encodeReasoning(part);
    case "tool-call":
      return [encodeToolCall(part, toolUseId(part.id, context))];
    case "other":
      // Only this dialect's own are left, and they are whole blocks.
      return [part.value as JsonObject];
  }
}

function unknownDocument({ source }: DocumentPart, context: ContentContext): JsonObject {
  return unknownFormat("a document", source.from === "text" ? "document-text" : "document-base64", context);
}

/** As for whatever a provider can't be sent: the model is told, and so is the client. */
function unknownFormat(what: string, feature: Feature, { losses }: ContentContext): JsonObject {
  losses.add(feature, "left out, and the model was told so: its format is none that Bedrock takes");
  return { text: standIn(what).text };
}
