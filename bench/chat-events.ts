/** The one answer that every upstream of the bench gives, whole or as events, in the shape of OpenAI's chat API. */

const HEAD = {
  id: "chatcmpl-D8Z5f52zQqikDBEKQMQoYcWMcWPeU",
  created: 1770933883,
  model: "bench-model",
  service_tier: "default",
  system_fingerprint: "fp_de604bd877",
};
const USAGE = {
  prompt_tokens: 16,
  completion_tokens: 200,
  total_tokens: 216,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
};

/** The text of the whole answer, sized so that its body has 1.2 KB. */
export const WHOLE_TEXT = "The gateway relays this sentence. ".repeat(20);

/** The whole answer. */
export const WHOLE_ANSWER = JSON.stringify({
  ...HEAD,
  object: "chat.completion",
  choices: [
    {
      index: 0,
      message: { role: "assistant", content: WHOLE_TEXT, refusal: null, annotations: [] },
      logprobs: null,
      finish_reason: "stop",
    },
  ],
  usage: USAGE,
});

/** The word that a stream's event number `index` brings. */
export const wordOf = (index: number): string => `word${index} `;

/** One content event; the last of a stream carries the finish reason. */
export function contentEvent(index: number, isLast: boolean): string {
  return event({
    choices: [
      { index: 0, delta: { content: wordOf(index) }, logprobs: null, finish_reason: isLast ? "stop" : null },
    ],
    usage: null,
  });
}

/** A whole stream: so many content events, the usage, `[DONE]`. */
export function streamEvents(contentEvents: number): string[] {
  const contents = Array.from({ length: contentEvents }, (_, index) =>
    contentEvent(index, index === contentEvents - 1),
  );
  return [...contents, event({ choices: [], usage: USAGE }), "data: [DONE]\n\n"];
}

function event(fields: Record<string, unknown>): string {
  return `data: ${JSON.stringify({ ...HEAD, object: "chat.completion.chunk", ...fields })}\n\n`;
}

/** What a client sends. The user's text is padded until the body has about so many bytes. */
export function requestBody(options: { model: string; bytes: number; stream?: boolean }): string {
  const body = (text: string) =>
    JSON.stringify({
      model: options.model,
      messages: [
        { role: "system", content: "You are helpful." },
        { role: "user", content: text },
      ],
      ...(options.stream && { stream: true, stream_options: { include_usage: true } }),
    });
  const sentence = "Invent a new holiday and describe its traditions. ";
  const room = Math.max(sentence.length, options.bytes - body("").length);
  return body(sentence.repeat(Math.ceil(room / sentence.length)).slice(0, room));
}
