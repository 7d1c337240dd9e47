import { type Piece, repeatable } from "./piece.ts";
import type { EventFramer } from "./sse.ts";

/** One chunk of a made-up chat stream. */
export function generatedPayload(content: string, last?: { readonly events: number }): string {
  return JSON.stringify({
    id: "chatcmpl-generated",
    object: "chat.completion.chunk",
    created: 1_760_000_000,
    model: "generated",
    choices: [{ index: 0, delta: { content }, finish_reason: last === undefined ? null : "stop" }],
    ...(last === undefined
      ? {}
      : { usage: { prompt_tokens: 1, completion_tokens: last.events, total_tokens: last.events + 1 } }),
  });
}

/** A stream of `count` events of exactly `size` bytes each: one buffer, handed out again and again. */
export function generatedEvents(count: number, size: number, framer: EventFramer): Iterable<Piece> {
  const ordinary = padded(size, framer);
  const last = padded(size, framer, { events: count });
  return repeatable(function* () {
    for (let index = 1; index < count; index++) yield ordinary;
    yield last;
    yield* framer.terminal;
  });
}

function padded(size: number, framer: EventFramer, last?: { readonly events: number }): Piece {
  const missing = size - framer.frame(generatedPayload("", last)).bytes.length;
  if (missing < 0) throw new Error(`bytesPerEvent is ${size}, but an event needs ${size - missing} at least`);
  return framer.frame(generatedPayload("lorem ".repeat(missing / 6 + 1).slice(0, missing), last));
}
