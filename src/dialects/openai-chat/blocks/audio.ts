import type { AudioPart } from "../../../model/content-part.ts";
import { GatewayError } from "../../../model/gateway-error.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import type { Quirks } from "../../../model/quirks.ts";
import { textMember } from "../../json/members.ts";

const PREFIX = "audio/";

/** `{"type": "input_audio", "input_audio": {"data", "format"}}`. */
export function decodeAudioPart(part: JsonObject): AudioPart | undefined {
  const audio = part["input_audio"];
  if (!isJsonObject(audio)) return undefined;
  const data = textMember(audio, "data");
  const format = textMember(audio, "format");
  if (data === undefined || format === undefined) return undefined;
  const mediaType = PREFIX + (format === "mp3" ? "mpeg" : format);
  return { kind: "audio", source: { from: "base64", mediaType, data } };
}

/** The same, or Mistral's `{"type": "input_audio", "input_audio": "<base64>"}` (https://docs.mistral.ai/capabilities/audio). */
export function encodeAudioPart({ source }: AudioPart, { audioForm }: Quirks = {}): JsonObject {
  if (source.from !== "base64") {
    throw new GatewayError("cannot_translate", {
      message: "The provider of this model takes sound only as bytes inside the request, not by address.",
    });
  }
  if (audioForm === "base64") return { type: "input_audio", input_audio: source.data };
  const subtype = source.mediaType.startsWith(PREFIX)
    ? source.mediaType.slice(PREFIX.length)
    : source.mediaType;
  return {
    type: "input_audio",
    input_audio: { data: source.data, format: subtype === "mpeg" ? "mp3" : subtype },
  };
}
