/** The bench's one answer as a provider of Anthropic's dialect gives it: what the gateway has to translate. */
import { WHOLE_TEXT, wordOf } from "./chat-events.ts";

const MESSAGE = {
  id: "msg_01HCDu5LRGeP2o7s2xGmxyx8",
  type: "message",
  role: "assistant",
  model: "bench-model",
  container: null,
};
const USAGE = {
  input_tokens: 16,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: 200,
  service_tier: "standard",
};
const ENDING = { stop_reason: "end_turn", stop_sequence: null };

/** The whole answer. */
export const WHOLE_MESSAGE = JSON.stringify({
  ...MESSAGE,
  content: [{ type: "text", text: WHOLE_TEXT, citations: null }],
  ...ENDING,
  usage: USAGE,
});

/** A whole stream: so many content events between what opens and closes them. */
export function messageStreamEvents(contentEvents: number): string[] {
  const message = { ...MESSAGE, content: [], stop_reason: null, stop_sequence: null };
  const deltas = Array.from({ length: contentEvents }, (_, index) =>
    event("content_block_delta", { index: 0, delta: { type: "text_delta", text: wordOf(index) } }),
  );
  return [
    event("message_start", { message: { ...message, usage: { ...USAGE, output_tokens: 1 } } }) +
      event("content_block_start", { index: 0, content_block: { type: "text", text: "" } }),
    ...deltas,
    event("content_block_stop", { index: 0 }) +
      event("message_delta", { delta: ENDING, usage: USAGE }) +
      event("message_stop", {}),
  ];
}

function event(type: string, fields: Record<string, unknown>): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}
