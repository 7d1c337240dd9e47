import { encodeRecordedEvent } from "./amazon-event-stream.ts";
import type { Piece } from "./piece.ts";
import type { Newline, StreamOptions } from "./scenario.ts";

export const EVENT_STREAM = "text/event-stream";
const AMAZON_EVENT_STREAM = "application/vnd.amazon.eventstream";

/** Writes payloads as server-sent events, in one way for a whole stream. */
export interface EventFramer {
  readonly contentType: string;
  /** One event. */
  frame(payload: string): Piece;
  /** What closes the stream: `data: [DONE]` or nothing. It isn't counted as an event. */
  readonly terminal: readonly Piece[];
}

const NEWLINES: Record<Newline, string> = { lf: "\n", crlf: "\r\n", cr: "\r" };
/** The objects of OpenAI's streams that end in `[DONE]`. */
const TERMINATED_OBJECTS: readonly unknown[] = ["chat.completion.chunk", "text_completion"];

export function eventFramer(options: StreamOptions, firstPayload: string | undefined): EventFramer {
  if (options.framing === "amazon-event-stream") return AMAZON_FRAMER;
  const first = fields(firstPayload ?? "");
  const named = (options.framing ?? (typeof first.type === "string" ? "event-and-data" : "data")) !== "data";
  const terminal = options.terminal ?? TERMINATED_OBJECTS.includes(first.object);
  const newline = NEWLINES[options.newline ?? "lf"];

  const dataLine = (payload: string): string => `data: ${payload}${newline}${newline}`;
  return {
    contentType: EVENT_STREAM,
    frame(payload) {
      const type = named ? fields(payload).type : undefined;
      const name = typeof type === "string" ? `event: ${type}${newline}` : "";
      return { bytes: Buffer.from(name + dataLine(payload)), events: 1 };
    },
    terminal: terminal ? [{ bytes: Buffer.from(dataLine("[DONE]")), events: 0 }] : [],
  };
}

const AMAZON_FRAMER: EventFramer = {
  contentType: AMAZON_EVENT_STREAM,
  frame: (payload) => ({ bytes: encodeRecordedEvent(payload), events: 1 }),
  terminal: [],
};

function fields(payload: string): { type?: unknown; object?: unknown } {
  try {
    const value: unknown = JSON.parse(payload);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {}; // a test may send payloads that are no JSON on purpose
  }
}
