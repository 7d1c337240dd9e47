import type { MediaSource } from "../../../model/content-part.ts";
import type { JsonObject } from "../../../model/json.ts";
import { encodeSource, type Formats, formatOf } from "./media-bytes.ts";

const FORMATS: Formats = {
  "video/mp4": "mp4",
  "video/quicktime": "mov",
  "video/x-matroska": "mkv",
  "video/webm": "webm",
  "video/x-flv": "flv",
  "video/mpeg": "mpeg",
  "video/mpg": "mpg",
  "video/x-ms-wmv": "wmv",
  "video/3gpp": "three_gp",
};

/**
 * A film block (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_VideoBlock.html); undefined for a
 * format that Bedrock doesn't know.
 */
export function encodeVideo(source: MediaSource): JsonObject | undefined {
  const format = formatOf(source, FORMATS);
  const encoded = encodeSource(source);
  return format === undefined || encoded === undefined ? undefined : { video: { format, source: encoded } };
}
