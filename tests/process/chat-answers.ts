import type { Body } from "../upstream/client.ts";

/** What a made-up answer is said to have used. */
export interface Used {
  readonly prompt: number;
  readonly completion: number;
}

/** A whole chat completion that reports such a usage. */
export function wholeAnswer({ prompt, completion }: Used): Body {
  const usage = { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
  const message = { role: "assistant", content: "word ".repeat(completion).trim(), refusal: null };
  const text = JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1_760_000_000,
    model: "made",
    choices: [{ index: 0, message, logprobs: null, finish_reason: "stop" }],
    usage,
  });
  return { kind: "text", text, contentType: "application/json" };
}

/** The same as a stream of one event a token. */
export function streamedAnswer({ prompt, completion }: Used): Body {
  const chunk = (rest: object): string =>
    JSON.stringify({
      id: "chatcmpl-1",
      object: "chat.completion.chunk",
      created: 1_760_000_000,
      model: "made",
      ...rest,
    });
  const delta = (content: string, finish_reason: string | null = null) =>
    chunk({ choices: [{ index: 0, delta: { content }, logprobs: null, finish_reason }] });
  const usage = { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
  const words = Array.from({ length: completion }, () => delta("word "));
  return { kind: "events", events: [...words, delta("", "stop"), chunk({ choices: [], usage })] };
}
