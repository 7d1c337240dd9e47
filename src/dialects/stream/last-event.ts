import { readEvent } from "./event-data.ts";

const DONE = "[DONE]";

/**
 * A stream's last event where only its blank line is missing, as some servers leave it out; undefined where the stream
 * broke off inside the event, so that half of one never reaches a client.
 */
export function lastEvent(rest: Uint8Array): Uint8Array | undefined {
  const { data } = readEvent(rest, 0, rest.byteLength);
  return data === DONE || isJson(data) ? rest : undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
