import type { VideoPart } from "../../../model/content-part.ts";
import { GatewayError } from "../../../model/gateway-error.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import { textMember } from "../../json/members.ts";
import { dataUrl, sourceOfUrl } from "../../media/data-url.ts";

/**
 * `{"type": "video_url", "video_url": {"url"}}`. Not OpenAI's own: OpenRouter, Alibaba, Moonshot, Perplexity and vLLM share
 * it (https://openrouter.ai/docs/guides/overview/multimodal/videos).
 */
export function decodeVideoPart(part: JsonObject): VideoPart | undefined {
  const value = part["video_url"];
  const url = isJsonObject(value) ? textMember(value, "url") : textMember(part, "video_url");
  return url === undefined ? undefined : { kind: "video", source: sourceOfUrl(url) };
}

export function encodeVideoPart({ source }: VideoPart): JsonObject {
  switch (source.from) {
    case "url":
      return { type: "video_url", video_url: { url: source.url } };
    case "base64":
      return { type: "video_url", video_url: { url: dataUrl(source.mediaType, source.data) } };
    case "text":
    case "file":
      throw new GatewayError("cannot_translate", {
        message: "The provider of this model takes films only by address, or as bytes inside the request.",
      });
  }
}
