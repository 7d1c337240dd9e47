import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { readEvent } from "../stream/event-data.ts";

/**
 * What ends a stream that is cut at a bound on its output: a chunk as the others with the finish reason `length`, and
 * `[DONE]` (https://platform.openai.com/docs/api-reference/chat/streaming). `first` is the stream's first chunk.
 */
export function shortEnding(first: Uint8Array | undefined): string {
  const { choices: _choices, usage: _usage, ...head } = first === undefined ? {} : chunkOf(first);
  const last = { ...head, choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: "length" }] };
  return `data: ${JSON.stringify(last)}\n\ndata: [DONE]\n\n`;
}

function chunkOf(event: Uint8Array): JsonObject {
  const { data } = readEvent(event, 0, event.byteLength);
  try {
    const chunk: unknown = JSON.parse(data);
    return isJsonObject(chunk) ? chunk : {};
  } catch {
    // What could not be read has passed as it was; the ending says the least.
    return {};
  }
}
