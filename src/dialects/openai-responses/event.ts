import type { JsonObject } from "../../model/json.ts";

/** One event of a stream, under its name (https://platform.openai.com/docs/api-reference/responses-streaming). */
export function encodeEvent(type: string, sequence: number, members: JsonObject): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence, ...members })}\n\n`;
}
