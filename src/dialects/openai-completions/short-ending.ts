import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { readEvent } from "../stream/event-data.ts";

/** What ends a stream that is cut at a bound on its output: an event as the others that says so, and `[DONE]`. */
export function shortEnding(first: Uint8Array | undefined): string {
  const { choices: _choices, usage: _usage, ...head } = first === undefined ? {} : payloadOf(first);
  const last = { ...head, choices: [{ index: 0, text: "", logprobs: null, finish_reason: "length" }] };
  return `data: ${JSON.stringify(last)}\n\ndata: [DONE]\n\n`;
}

function payloadOf(event: Uint8Array): JsonObject {
  try {
    const payload: unknown = JSON.parse(readEvent(event, 0, event.byteLength).data);
    return isJsonObject(payload) ? payload : {};
  } catch {
    // What could not be read has passed as it was; the ending says the least.
    return {};
  }
}
