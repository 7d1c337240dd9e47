import type { ServerSentEvent, StreamFraming } from "../../model/dialect.ts";
import { readEvent } from "./event-data.ts";
import { EventSplitter } from "./event-splitter.ts";
import { lastEvent } from "./last-event.ts";

/** Cuts a stream of server-sent events; an event longer than `maxEventBytes` throws a RangeError. */
export class SseFraming implements StreamFraming {
  readonly #splitter: EventSplitter;

  constructor(maxEventBytes: number) {
    this.#splitter = new EventSplitter(maxEventBytes);
  }

  push(chunk: Uint8Array, take: (event: ServerSentEvent) => void): void {
    this.#splitter.push(chunk, (bytes, start, end) => give(bytes, start, end, take));
  }

  end(take: (event: ServerSentEvent) => void): void {
    const rest = lastEvent(this.#splitter.rest());
    if (rest !== undefined) give(rest, 0, rest.byteLength, take);
  }
}

/** Comments and lone blank lines are no events. */
function give(bytes: Uint8Array, start: number, end: number, take: (event: ServerSentEvent) => void): void {
  const event = readEvent(bytes, start, end);
  if (event.data !== "" || event.event !== undefined) take(event);
}
