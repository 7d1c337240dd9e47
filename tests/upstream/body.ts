import { generatedEvents, generatedPayload } from "./generated.ts";
import type { Piece } from "./piece.ts";
import { readStreamRecording, readWholeRecording } from "./recordings.ts";
import type { Body, StreamOptions } from "./scenario.ts";
import { EVENT_STREAM, type EventFramer, eventFramer } from "./sse.ts";

/** A body ready to be cut and sent. */
export interface BodySource {
  readonly contentType: string;
  /** Chunked transfer-encoding instead of a content-length. */
  readonly chunked: boolean;
  /** The body event by event, `[DONE]` included; a whole answer is one event. Can be walked again and again. */
  readonly events: Iterable<Piece>;
  /** How an event of this stream is written; a fault uses it for its error. */
  readonly framer: EventFramer;
  /** Made while it is sent: may be too large to hold. */
  readonly generated: boolean;
}

/** What a framer is told of a body that has no payload to look at: nothing, so plain `data:` lines. */
const PLAIN_FRAMER = eventFramer({}, undefined);

/** `stream` says whether the request asked for a stream; only `as-asked` looks at it. */
export function openBody(body: Body, stream: boolean, folders: readonly string[]): BodySource {
  switch (body.kind) {
    case "recording":
      return whole(readWholeRecording(folders, body.recording), "application/json");
    case "stream-recording":
      return streamed(readStreamRecording(folders, body.recording), body);
    case "as-asked":
      return openBody({ ...body, kind: stream ? "stream-recording" : "recording" }, stream, folders);
    case "text":
      return whole(Buffer.from(body.text), body.contentType ?? "application/json");
    case "bytes":
      return whole(Buffer.from(body.base64, "base64"), body.contentType ?? "application/octet-stream");
    case "events":
      return streamed(body.events, body);
    case "generated": {
      const framer = eventFramer(body, generatedPayload(""));
      const events = generatedEvents(body.events, body.bytesPerEvent, framer);
      return { contentType: EVENT_STREAM, chunked: true, events, framer, generated: true };
    }
    default:
      throw new Error(`unknown kind of body: ${JSON.stringify(body satisfies never)}`);
  }
}

function whole(bytes: Buffer, contentType: string): BodySource {
  const chunked = contentType.startsWith(EVENT_STREAM);
  return { contentType, chunked, events: [{ bytes, events: 1 }], framer: PLAIN_FRAMER, generated: false };
}

function streamed(payloads: readonly string[], options: StreamOptions): BodySource {
  const framer = eventFramer(options, payloads[0]);
  const events = [...payloads.map((payload) => framer.frame(payload)), ...framer.terminal];
  return { contentType: framer.contentType, chunked: true, events, framer, generated: false };
}
