import type { MediaSource } from "../../../model/content-part.ts";
import type { JsonObject } from "../../../model/json.ts";
import { encodeSource, type Formats, formatOf } from "./media-bytes.ts";

const FORMATS: Formats = {
  "audio/mpeg": "mp3",
  "audio/mp3": "mp3",
  "audio/wav": "wav",
  "audio/x-wav": "wav",
  "audio/wave": "wav",
  "audio/flac": "flac",
  "audio/aac": "aac",
  "audio/ogg": "ogg",
  "audio/opus": "opus",
  "audio/webm": "webm",
  "audio/mp4": "mp4",
  "audio/m4a": "m4a",
  "audio/x-m4a": "m4a",
  "audio/pcm": "pcm",
  "audio/l16": "pcm",
};

/**
 * A sound block (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_AudioBlock.html); undefined for a
 * format that Bedrock doesn't know.
 */
export function encodeAudio(source: MediaSource): JsonObject | undefined {
  const format = formatOf(source, FORMATS);
  const encoded = encodeSource(source);
  return format === undefined || encoded === undefined ? undefined : { audio: { format, source: encoded } };
}
