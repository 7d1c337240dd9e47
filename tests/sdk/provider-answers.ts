import type { Scenario } from "../upstream/client.ts";

/** A provider's answers as its API documents them, for tests that need one of a certain content. */

/** What an answer says. */
export interface Said {
  readonly text?: string;
  readonly calls?: readonly { readonly id: string; readonly name: string; readonly arguments: string }[];
  readonly reasoning?: { readonly text: string; readonly proof: string };
}

const USAGE = { input: 20, cached: 5, output: 9, reasoning: 4 };
const json = (value: unknown): Scenario => ({ body: { kind: "text", text: JSON.stringify(value) } });

/** A chat completion, as OpenRouter gives its reasoning. */
export function chatAnswer({ text, calls = [], reasoning }: Said): Scenario {
  const tool_calls = calls.map(({ id, ...called }) => ({ id, type: "function", function: called }));
  const message = {
    role: "assistant",
    content: text ?? null,
    refusal: null,
    ...(reasoning && { reasoning: reasoning.text, reasoning_details: [detailOf(reasoning)] }),
    ...(calls.length > 0 && { tool_calls }),
  };
  const finish_reason = calls.length > 0 ? "tool_calls" : "stop";
  return json({
    ...COMPLETION,
    object: "chat.completion",
    choices: [{ index: 0, message, logprobs: null, finish_reason }],
    usage: CHAT_USAGE,
  });
}

/** The same as a stream, text and arguments in two pieces each. */
export function chatStream({ text, calls = [], reasoning }: Said): Scenario {
  const deltas = [
    { role: "assistant", content: "" },
    ...(reasoning ? [{ reasoning: reasoning.text }, { reasoning_details: [detailOf(reasoning)] }] : []),
    ...halves(text ?? "").map((content) => ({ content })),
    ...calls.flatMap(({ id, name, arguments: whole }, index) => [
      { tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] },
      ...halves(whole).map((part) => ({ tool_calls: [{ index, function: { arguments: part } }] })),
    ]),
  ];
  const chunk = (delta: object, finish_reason: string | null, rest: object = {}) =>
    JSON.stringify({
      ...COMPLETION,
      object: "chat.completion.chunk",
      choices: [{ index: 0, delta, finish_reason }],
      ...rest,
    });
  const reason = calls.length > 0 ? "tool_calls" : "stop";
  const events = [...deltas.map((delta) => chunk(delta, null)), chunk({}, reason, { usage: CHAT_USAGE })];
  return { body: { kind: "events", events } };
}

/** A response. */
export function responsesAnswer(said: Said): Scenario {
  return json(responseOf(itemsOf(said)));
}

/** The same as a stream. */
export function responsesStream(said: Said): Scenario {
  const items = itemsOf(said);
  const started = { ...responseOf([]), status: "in_progress", usage: null };
  const events = [
    { type: "response.created", response: started },
    { type: "response.in_progress", response: started },
    ...items.flatMap(eventsOf),
    { type: "response.completed", response: responseOf(items) },
  ];
  return {
    body: {
      kind: "events",
      events: events.map(({ type, ...rest }, sequence_number) =>
        JSON.stringify({ type, sequence_number, ...rest }),
      ),
    },
  };
}

type Item = { readonly type: string; readonly id: string } & { readonly [member: string]: unknown };

const COMPLETION = { id: "chatcmpl-1", created: 1, model: "upstream-model" };
const CHAT_USAGE = {
  prompt_tokens: USAGE.input,
  completion_tokens: USAGE.output,
  total_tokens: USAGE.input + USAGE.output,
  prompt_tokens_details: { cached_tokens: USAGE.cached },
  completion_tokens_details: { reasoning_tokens: USAGE.reasoning },
};

function detailOf({ text, proof }: NonNullable<Said["reasoning"]>): object {
  return { type: "reasoning.text", text, signature: proof, format: "anthropic-claude-v1", index: 0 };
}

function itemsOf({ text, calls = [], reasoning }: Said): readonly Item[] {
  const part = { type: "output_text", text, annotations: [], logprobs: [] };
  return [
    ...(reasoning
      ? [
          {
            type: "reasoning",
            id: "rs_1",
            summary: [{ type: "summary_text", text: reasoning.text }],
            encrypted_content: reasoning.proof,
          },
        ]
      : []),
    ...(text === undefined
      ? []
      : [{ type: "message", id: "msg_1", role: "assistant", status: "completed", content: [part] }]),
    ...calls.map(({ id, ...called }) => ({
      type: "function_call",
      id: `fc_${id}`,
      call_id: id,
      ...called,
      status: "completed",
    })),
  ];
}

function eventsOf(item: Item, output_index: number): readonly { readonly type: string }[] {
  const place = { item_id: item.id, output_index };
  const empty =
    item.type === "message"
      ? { ...item, content: [], status: "in_progress" }
      : item.type === "reasoning"
        ? { ...item, summary: [] }
        : { ...item, arguments: "", status: "in_progress" };
  return [
    { type: "response.output_item.added", output_index, item: empty } as { readonly type: string },
    ...insideOf(item).map((event) => ({ ...place, ...event })),
    { type: "response.output_item.done", output_index, item } as { readonly type: string },
  ];
}

function insideOf(item: Item): readonly { readonly type: string }[] {
  const [part] = (item["content"] ?? item["summary"] ?? []) as readonly { readonly text: string }[];
  const text = part?.text ?? "";
  if (item.type === "function_call") {
    const whole = String(item["arguments"]);
    const deltas = halves(whole).map((delta) => ({ type: "response.function_call_arguments.delta", delta }));
    const done = { type: "response.function_call_arguments.done", name: item["name"], arguments: whole };
    return [...deltas, done];
  }
  if (item.type === "reasoning") {
    const at = { summary_index: 0 };
    return [
      { type: "response.reasoning_summary_part.added", ...at, part: { type: "summary_text", text: "" } },
      ...halves(text).map((delta) => ({ type: "response.reasoning_summary_text.delta", ...at, delta })),
      { type: "response.reasoning_summary_text.done", ...at, text },
      { type: "response.reasoning_summary_part.done", ...at, part },
    ] as readonly { readonly type: string }[];
  }
  const at = { content_index: 0 };
  const empty = { type: "output_text", text: "", annotations: [], logprobs: [] };
  return [
    { type: "response.content_part.added", ...at, part: empty },
    ...halves(text).map((delta) => ({ type: "response.output_text.delta", ...at, delta, logprobs: [] })),
    { type: "response.output_text.done", ...at, text, logprobs: [] },
    { type: "response.content_part.done", ...at, part },
  ] as readonly { readonly type: string }[];
}

function responseOf(output: readonly Item[]): object {
  return {
    id: "resp_1",
    object: "response",
    created_at: 1,
    status: "completed",
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    model: "upstream-model",
    output,
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: "auto",
    tools: [],
    top_p: 1,
    usage: {
      input_tokens: USAGE.input,
      input_tokens_details: { cached_tokens: USAGE.cached, cache_write_tokens: 0 },
      output_tokens: USAGE.output,
      output_tokens_details: { reasoning_tokens: USAGE.reasoning },
      total_tokens: USAGE.input + USAGE.output,
    },
  };
}

function halves(text: string): readonly string[] {
  const half = Math.ceil(text.length / 2);
  return [text.slice(0, half), text.slice(half)].filter((part) => part !== "");
}
