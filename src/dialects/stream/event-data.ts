import type { ServerSentEvent } from "../../model/dialect.ts";

const decoder = new TextDecoder();

/** Reads an event's lines (field names `event` and `data`; comments and other fields are passed over). */
export function readEvent(bytes: Uint8Array, start: number, end: number): ServerSentEvent {
  const data: string[] = [];
  let event: string | undefined;
  for (const line of decoder.decode(bytes.subarray(start, end)).split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "data") data.push(value);
    if (field === "event") event = value;
  }
  return event === undefined ? { data: data.join("\n") } : { event, data: data.join("\n") };
}
