import { eventBytes } from "./stream-event.ts";

/**
 * What ends a stream that is cut at a bound on its output, as one that came to `max_tokens`
 * (https://platform.claude.com/docs/en/build-with-claude/streaming). `openBlock` is the index of the block that is
 * under way, if one is.
 */
export function shortEnding(openBlock: number | undefined, outputTokens: number): string {
  const stop =
    openBlock === undefined
      ? ""
      : eventBytes("content_block_stop", { type: "content_block_stop", index: openBlock });
  const delta = eventBytes("message_delta", {
    type: "message_delta",
    delta: { stop_reason: "max_tokens", stop_sequence: null },
    usage: { output_tokens: outputTokens },
  });
  return stop + delta + eventBytes("message_stop", { type: "message_stop" });
}
