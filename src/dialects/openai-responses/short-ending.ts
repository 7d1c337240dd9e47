import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { numberMember } from "../json/members.ts";
import { readEvent } from "../stream/event-data.ts";

/**
 * What ends a stream that is cut at a bound on its output: `response.incomplete` for `max_output_tokens`
 * (https://platform.openai.com/docs/api-reference/responses-streaming/response/incomplete). The response is as it was
 * when it was created; its output has passed, event by event, and is not told again.
 */
export function shortEnding(created: Uint8Array | undefined, last: Uint8Array | undefined): string {
  const { response } = payloadOf(created);
  const told = {
    ...(isJsonObject(response) && response),
    status: "incomplete",
    incomplete_details: { reason: "max_output_tokens" },
    output: [],
    usage: null,
  };
  const number = (numberMember(payloadOf(last), "sequence_number") ?? 0) + 1;
  const payload = { type: "response.incomplete", sequence_number: number, response: told };
  return `event: response.incomplete\ndata: ${JSON.stringify(payload)}\n\n`;
}

function payloadOf(event: Uint8Array | undefined): JsonObject {
  if (event === undefined) return {};
  try {
    const payload: unknown = JSON.parse(readEvent(event, 0, event.byteLength).data);
    return isJsonObject(payload) ? payload : {};
  } catch {
    // What could not be read has passed as it was; the ending says the least.
    return {};
  }
}
