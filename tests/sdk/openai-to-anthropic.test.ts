import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import OpenAI from "openai";
import { type AnthropicPair, rejection, startAnthropicPair } from "./anthropic-pair.ts";

/** OpenAI's SDK, chat completions, to Anthropic. */

setDefaultTimeout(20_000);

let pair: AnthropicPair;

beforeAll(async () => {
  pair = await startAnthropicPair();
});
afterAll(() => pair.dispose());

const MODEL = "anthropic/claude-sonnet-4-6";
const NAME = "claude-sonnet-4-6";
const MESSAGES: OpenAI.ChatCompletionMessageParam[] = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Who goes there?" },
];

/** The same recording, whole for the first call and streamed for the second. */
async function record(recording: string, model = NAME): Promise<void> {
  await pair.upstream.scenarios({
    [model]: [{ body: { kind: "recording", recording } }, { body: { kind: "stream-recording", recording } }],
  });
}

type Asked = Partial<OpenAI.ChatCompletionCreateParamsNonStreaming>;

async function bothWays(asked: Asked = {}): Promise<OpenAI.ChatCompletion> {
  const params = { model: MODEL, messages: MESSAGES, ...asked };
  const whole = await pair.openai.chat.completions.create({ ...params, stream: false });
  const stream = pair.openai.chat.completions.stream({
    ...params,
    stream: true,
    stream_options: { include_usage: true },
  });
  const streamed = await stream.finalChatCompletion();
  const [choice] = streamed.choices;
  const [wholeChoice] = whole.choices;
  expect(choice?.finish_reason).toBe(wholeChoice?.finish_reason ?? "stop");
  expect(choice?.message.content ?? null).toBe(wholeChoice?.message.content ?? null);
  expect(callsOf(choice)).toEqual(callsOf(wholeChoice));
  expect(streamed.usage).toEqual(whole.usage ?? expect.anything());
  expect(streamed.id).toBe(whole.id);
  return whole;
}

/** The stream helper adds what it parsed. */
function callsOf(choice: OpenAI.ChatCompletion.Choice | undefined) {
  return choice?.message.tool_calls?.map((call) =>
    call.type === "function"
      ? { id: call.id, name: call.function.name, arguments: JSON.parse(call.function.arguments) }
      : call,
  );
}

test("text, whole and streamed, with usage that includes what was cached", async () => {
  await record("anthropic/anthropic-sample-cache");
  const completion = await bothWays({ temperature: 2, max_completion_tokens: 50, stop: ["\n\nEnd"] });
  expect(completion).toMatchObject({
    object: "chat.completion",
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Counted, once." } }],
    usage: {
      prompt_tokens: 5508,
      completion_tokens: 21,
      total_tokens: 5529,
      prompt_tokens_details: { cached_tokens: 4000, cache_write_tokens: 1500 },
    },
  });
  const call = await pair.lastCall();
  expect(call.path).toBe("/v1/messages");
  expect(call.headers).toContainEqual(["anthropic-version", "2023-06-01"]);
  expect(JSON.parse(call.bodyText)).toEqual({
    model: NAME,
    max_tokens: 50,
    system: "Be brief.",
    messages: [{ role: "user", content: "Who goes there?" }],
    temperature: 1,
    stop_sequences: ["\n\nEnd"],
    stream: true,
  });
});

describe("tools", () => {
  const tools: OpenAI.ChatCompletionTool[] = ["look", "bell"].map((name) => ({
    type: "function",
    function: { name, parameters: { type: "object", properties: { gate: { type: "string" } } } },
  }));

  test("a round trip of two turns, the first's thinking and its proofs in the second", async () => {
    await record("anthropic/anthropic-sample-thinking-tools");
    const first = await bothWays({ tools, reasoning_effort: "low" });
    const message = first.choices[0]?.message;
    if (message === undefined) throw new Error("no message");
    expect(first.choices[0]?.finish_reason).toBe("tool_calls");
    expect(first.usage?.completion_tokens_details).toMatchObject({ reasoning_tokens: 31 });
    expect(message).toMatchObject({
      content: "I look at both gates.",
      reasoning_content: "Who asks? The watch.",
    });
    expect(callsOf(first.choices[0])).toEqual([
      { id: "toolu_a", name: "look", arguments: { gate: "north", at: '"dusk"' } },
      { id: "toolu_b", name: "bell", arguments: {} },
    ]);
    expect(await pair.lastBody()).toMatchObject({
      thinking: { type: "adaptive" },
      output_config: { effort: "low" },
    });

    await record("anthropic/anthropic-sample-text");
    await bothWays({
      tools,
      messages: [
        ...MESSAGES,
        message,
        { role: "tool", tool_call_id: "toolu_a", content: "nobody" },
        { role: "tool", tool_call_id: "toolu_b", content: "rung" },
      ],
    });
    expect((await pair.lastBody())["messages"]).toEqual([
      { role: "user", content: "Who goes there?" },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "Who asks? The watch.", signature: "c2lnbmVkLWJ5LWFudGhyb3BpYw==" },
          { type: "redacted_thinking", data: "cmVkYWN0ZWQ=" },
          { type: "text", text: "I look at both gates." },
          { type: "tool_use", id: "toolu_a", name: "look", input: { gate: "north", at: '"dusk"' } },
          { type: "tool_use", id: "toolu_b", name: "bell", input: {} },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "toolu_a", content: "nobody" },
          { type: "tool_result", tool_use_id: "toolu_b", content: "rung" },
        ],
      },
    ]);
  });
});

describe("a schema that the answer must have", () => {
  const schema = {
    type: "object",
    properties: {
      elements: { type: "array", items: { type: "object", properties: {}, additionalProperties: false } },
    },
    required: ["elements"],
    additionalProperties: false,
  };
  const response_format = {
    type: "json_schema",
    json_schema: { name: "weather", schema, strict: true },
  } as const;

  /** An answer of one block, whole for the first call and streamed for the second. */
  async function answer(
    model: string,
    whole: object,
    empty: object,
    deltas: object[],
    stop: string,
  ): Promise<void> {
    const message = (content: object[], stop_reason: string | null) => ({
      id: "msg_1",
      type: "message",
      role: "assistant",
      model,
      content,
      stop_reason,
      stop_sequence: null,
      usage: { input_tokens: 9, output_tokens: 7 },
    });
    const events = [
      { type: "message_start", message: message([], null) },
      { type: "content_block_start", index: 0, content_block: empty },
      ...deltas.map((delta) => ({ type: "content_block_delta", index: 0, delta })),
      { type: "content_block_stop", index: 0 },
      {
        type: "message_delta",
        delta: { stop_reason: stop, stop_sequence: null },
        usage: { output_tokens: 7 },
      },
      { type: "message_stop" },
    ].map((event) => JSON.stringify(event));
    await pair.upstream.scenarios({
      [model]: [
        { body: { kind: "text", text: JSON.stringify(message([whole], stop)) } },
        { body: { kind: "events", events } },
      ],
    });
  }

  test("natively", async () => {
    const text = (value: string) => ({ type: "text", text: value });
    const deltas = ['{"elements":', "[]}"].map((value) => ({ type: "text_delta", text: value }));
    await answer(NAME, text('{"elements":[]}'), text(""), deltas, "end_turn");
    const completion = await bothWays({ response_format });
    expect(completion.choices[0]?.message.content).toBe('{"elements":[]}');
    expect((await pair.lastBody())["output_config"]).toEqual({ format: { type: "json_schema", schema } });
  });

  test("by a tool, whose arguments are the answer's text", async () => {
    const model = "claude-opus-4-1";
    const call = (input: object) => ({ type: "tool_use", id: "toolu_1", name: "give_answer", input });
    const deltas = ['{"elements":', "[]}"].map((value) => ({
      type: "input_json_delta",
      partial_json: value,
    }));
    await answer(model, call({ elements: [] }), call({}), deltas, "tool_use");
    const completion = await bothWays({ model: `anthropic/${model}`, response_format });
    expect(completion.choices[0]).toMatchObject({
      finish_reason: "stop",
      message: { content: '{"elements":[]}' },
    });
    expect(await pair.lastBody()).toMatchObject({
      tools: [{ name: "give_answer", input_schema: schema }],
      tool_choice: { type: "tool", name: "give_answer" },
    });
  });
});

test("an image, by address and as bytes", async () => {
  await record("anthropic/anthropic-sample-text");
  await bothWays({
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "What is it?" },
          { type: "image_url", image_url: { url: "https://x.test/a.png" } },
          { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
          { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,BBBB" } },
        ],
      },
    ],
  });
  expect((await pair.lastBody())["messages"]).toEqual([
    {
      role: "user",
      content: [
        { type: "text", text: "What is it?" },
        { type: "image", source: { type: "url", url: "https://x.test/a.png" } },
        { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } },
        {
          type: "document",
          source: { type: "base64", media_type: "application/pdf", data: "BBBB" },
          title: "a.pdf",
        },
      ],
    },
  ]);
});

test("citations are annotations, in whole answers and in streams", async () => {
  await record("anthropic/anthropic-sample-citations");
  const completion = await bothWays();
  expect(completion.choices[0]?.message.annotations).toMatchObject([
    { type: "url_citation", url_citation: { url: "https://gate.example/lantern", title: "Lanterns" } },
    { type: "url_citation", url_citation: { url: "https://gates.example", title: "Gates" } },
  ]);
});

test("the simple contract reaches Anthropic too", async () => {
  await record("anthropic/anthropic-sample-text");
  const response = await fetch(`${pair.gateway.url}/generate`, {
    method: "POST",
    headers: { authorization: `Bearer ${pair.gateway.virtualKey}` },
    body: JSON.stringify({ prompt: "Who goes there?", system: "Be brief.", model: MODEL }),
  });
  expect(await response.json()).toMatchObject({
    text: "A sentinel, two lanterns: 门 🏮.",
    provider: "anthropic",
    finish_reason: "stop",
  });
  expect(await pair.lastBody()).toMatchObject({ system: "Be brief.", max_tokens: 128_000 });
});

describe("errors", () => {
  test("of the provider's, in OpenAI's classes", async () => {
    const refused = async (status: number, recording: string): Promise<unknown> => {
      await pair.upstream.scenario(NAME, { status, body: { kind: "recording", recording } });
      return rejection(pair.openai.chat.completions.create({ model: MODEL, messages: MESSAGES }));
    };
    expect(await refused(400, "anthropic/anthropic-error-400")).toBeInstanceOf(OpenAI.BadRequestError);
    expect(await refused(400, "anthropic/anthropic-error-400-too-long")).toMatchObject({
      code: "context_length_exceeded",
    });
    expect(await refused(429, "anthropic/anthropic-error-429")).toBeInstanceOf(OpenAI.RateLimitError);
    expect(await refused(529, "anthropic/anthropic-error-529")).toMatchObject({ status: 503 });
  });

  test("inside a stream, and one that ends without `message_stop`", async () => {
    const recording = "anthropic/anthropic-sample-text";
    const body = { kind: "stream-recording", recording } as const;
    const streamed = async () =>
      rejection(
        pair.openai.chat.completions
          .stream({ model: MODEL, messages: MESSAGES, stream: true })
          .finalChatCompletion(),
      );
    const payload = JSON.stringify({
      type: "error",
      error: { type: "overloaded_error", message: "Overloaded" },
    });
    await pair.upstream.scenario(NAME, {
      body,
      fault: { kind: "error-mid-stream", afterEvents: 5, payload },
    });
    expect(String(await streamed())).toContain("Overloaded");
    await pair.upstream.scenario(NAME, { body, fault: { kind: "truncate", afterEvents: 8 } });
    expect(String(await streamed())).toContain("before the answer was complete");
  });
});
