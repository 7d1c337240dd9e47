import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import { type AnthropicPair, rejection, startAnthropicPair } from "./anthropic-pair.ts";

/** Anthropic's SDK to a provider that speaks OpenAI's chat completions. */

setDefaultTimeout(20_000);

let pair: AnthropicPair;

beforeAll(async () => {
  pair = await startAnthropicPair("routes:\n  strict: { translation: strict, targets: [chat/gate-1] }\n");
});
afterAll(() => pair.dispose());

const MODEL = "chat/gate-1";
const ASKED = {
  model: MODEL,
  max_tokens: 100,
  messages: [{ role: "user" as const, content: "Who goes there?" }],
};

const USAGE = {
  prompt_tokens: 30,
  completion_tokens: 12,
  total_tokens: 42,
  prompt_tokens_details: { cached_tokens: 20 },
  completion_tokens_details: { reasoning_tokens: 4 },
};
const TOLD = {
  input_tokens: 10,
  cache_read_input_tokens: 20,
  cache_creation_input_tokens: 0,
  output_tokens: 12,
  output_tokens_details: { thinking_tokens: 4 },
};

const completion = (message: object, finish_reason: string) =>
  JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model: "gate-1",
    choices: [{ index: 0, message: { role: "assistant", content: null, ...message }, finish_reason }],
    usage: USAGE,
  });

const chunk = (delta: object, finish_reason: string | null = null) =>
  JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1,
    model: "gate-1",
    choices: [{ index: 0, delta, finish_reason }],
  });
const usageChunk = JSON.stringify({
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  created: 1,
  model: "gate-1",
  choices: [],
  usage: USAGE,
});

/** Says how the provider answers, whole or streamed. */
async function answer(message: object, finish: string, deltas: readonly object[]): Promise<void> {
  const events = [...deltas.map((delta) => chunk(delta)), chunk({}, finish), usageChunk];
  await pair.upstream.scenarios({
    "gate-1": [
      { body: { kind: "text", text: completion(message, finish) } },
      { body: { kind: "events", events } },
    ],
  });
}

/** What the message says, without what the stream helper keeps in it for itself. */
function plain(message: Anthropic.Message): Record<string, unknown> {
  return JSON.parse(JSON.stringify(message, (name, value) => (name === "parsed_output" ? undefined : value)));
}

/** The same answer, whole and by the stream helper, which must be one and the same message. */
async function bothWays(
  params: Omit<Anthropic.MessageCreateParamsNonStreaming, "model">,
): Promise<Anthropic.Message> {
  const whole = await pair.anthropic.messages.create({ model: MODEL, ...params });
  const streamed = await pair.anthropic.messages.stream({ model: MODEL, ...params }).finalMessage();
  const { usage, ...rest } = plain(streamed);
  const { usage: wholeUsage, ...wholeRest } = plain(whole);
  expect(rest).toEqual(wholeRest);
  expect(usage).toMatchObject(TOLD);
  expect(wholeUsage).toMatchObject(TOLD);
  return whole;
}

test("text, with usage that counts what was cached once", async () => {
  await answer({ content: "A friend: 门." }, "stop", [
    { role: "assistant", content: "" },
    { content: "A friend" },
    { content: ": 门." },
  ]);
  const message = await bothWays(ASKED);
  expect(message).toMatchObject({
    id: "chatcmpl-1",
    type: "message",
    role: "assistant",
    model: "gate-1",
    content: [{ type: "text", text: "A friend: 门.", citations: null }],
    stop_reason: "end_turn",
    stop_sequence: null,
  });
  const body = await pair.lastBody();
  expect(body).toMatchObject({
    model: "gate-1",
    messages: [{ role: "user", content: "Who goes there?" }],
    max_tokens: 100,
    stream: true,
    stream_options: { include_usage: true },
  });
});

test("events come as the provider's do, not at the end", async () => {
  const events = [chunk({ content: "a" }), chunk({ content: "b" })];
  await pair.upstream.scenario("gate-1", {
    body: { kind: "events", events: [...events, ...events] },
    fault: { kind: "hang-mid-stream", afterEvents: 2 },
  });
  const stream = pair.anthropic.messages.stream(ASKED);
  const seen: string[] = [];
  for await (const event of stream) {
    seen.push(event.type);
    if (event.type === "content_block_delta" && event.delta.type === "text_delta" && event.delta.text === "b")
      break;
  }
  expect(seen).toEqual([
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_delta",
  ]);
});

describe("tools", () => {
  const tools: Anthropic.Tool[] = [
    {
      name: "look",
      description: "Looks at a gate",
      input_schema: { type: "object", properties: { gate: { type: "string" } }, required: ["gate"] },
    },
    { name: "bell", input_schema: { type: "object", properties: {} } },
  ];
  const call = (id: string, name: string, text: string) => ({
    id,
    type: "function",
    function: { name, arguments: text },
  });
  const deltas = [
    { role: "assistant", reasoning_content: "Two gates, " },
    { reasoning_content: "one bell." },
    { content: "I look." },
    { tool_calls: [{ index: 0, ...call("call_a", "look", "") }] },
    { tool_calls: [{ index: 1, ...call("call_b", "bell", "") }] },
    { tool_calls: [{ index: 0, function: { arguments: '{"gate":' } }] },
    { tool_calls: [{ index: 1, function: { arguments: "{}" } }] },
    { tool_calls: [{ index: 0, function: { arguments: '"north"}' } }] },
  ];

  test("a round trip of two turns, the thinking of the first in the second", async () => {
    const tool_calls = [call("call_a", "look", '{"gate":"north"}'), call("call_b", "bell", "{}")];
    await answer(
      { content: "I look.", reasoning_content: "Two gates, one bell.", tool_calls },
      "tool_calls",
      deltas,
    );
    const first = await bothWays({
      ...ASKED,
      tools,
      tool_choice: { type: "auto", disable_parallel_tool_use: false },
    });
    expect(first.stop_reason).toBe("tool_use");
    expect(first.content).toMatchObject([
      { type: "thinking", thinking: "Two gates, one bell." },
      { type: "text", text: "I look." },
      { type: "tool_use", id: "call_a", name: "look", input: { gate: "north" } },
      { type: "tool_use", id: "call_b", name: "bell", input: {} },
    ]);

    await answer({ content: "All quiet." }, "stop", [{ content: "All quiet." }]);
    const second = await bothWays({
      ...ASKED,
      tools,
      messages: [
        ...ASKED.messages,
        { role: "assistant", content: first.content },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "call_a", content: "nobody" },
            {
              type: "tool_result",
              tool_use_id: "call_b",
              content: [{ type: "text", text: "rung" }],
              is_error: true,
            },
            { type: "text", text: "Well?" },
          ],
        },
      ],
    });
    expect(second.content).toMatchObject([{ type: "text", text: "All quiet." }]);
    const body = await pair.lastBody();
    expect(body["messages"]).toEqual([
      { role: "user", content: "Who goes there?" },
      { role: "assistant", content: "I look.", reasoning_content: "Two gates, one bell.", tool_calls },
      { role: "tool", tool_call_id: "call_a", content: "nobody" },
      { role: "tool", tool_call_id: "call_b", content: "rung" },
      { role: "user", content: "Well?" },
    ]);
    expect(body["tools"]).toMatchObject([
      {
        type: "function",
        function: { name: "look", description: "Looks at a gate", parameters: tools[0]?.input_schema },
      },
      { type: "function", function: { name: "bell" } },
    ]);
  });

  test("a signature that the provider gave comes back to it", async () => {
    const details = [
      {
        type: "reasoning.encrypted",
        data: "ZW5j",
        summary: "hm",
        format: "openai-responses-v1",
        id: "rs_1",
        index: 0,
      },
    ];
    await answer({ content: "So.", reasoning_details: details }, "stop", [
      { reasoning_details: details },
      { content: "So." },
    ]);
    const first = await bothWays(ASKED);
    expect(first.content).toMatchObject([{ type: "thinking", thinking: "hm" }, { type: "text" }]);
    const [thinking] = first.content;
    expect(thinking?.type === "thinking" && thinking.signature.startsWith("gatehouse:openai:")).toBe(true);
  });
});

test("a schema that the answer must have", async () => {
  const schema = {
    type: "object",
    properties: { name: { type: "string" } },
    required: ["name"],
    additionalProperties: false,
  };
  await answer({ content: '{"name":"Ada"}' }, "stop", [{ content: '{"name":' }, { content: '"Ada"}' }]);
  const message = await bothWays({ ...ASKED, output_config: { format: { type: "json_schema", schema } } });
  expect(message.content).toMatchObject([{ type: "text", text: '{"name":"Ada"}' }]);
  expect((await pair.lastBody())["response_format"]).toEqual({
    type: "json_schema",
    json_schema: { name: "answer", schema, strict: true },
  });
});

test("images by address and as bytes, a system prompt, effort, stops", async () => {
  await answer({ content: "A gate." }, "stop", [{ content: "A gate." }]);
  await bothWays({
    max_tokens: 100,
    system: [{ type: "text", text: "Be brief." }],
    stop_sequences: ["END"],
    output_config: { effort: "high" },
    metadata: { user_id: "user-1" },
    messages: [
      {
        role: "user",
        content: [
          { type: "image", source: { type: "url", url: "https://x.test/a.png" } },
          { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } },
          { type: "text", text: "What is it?" },
        ],
      },
    ],
  });
  expect(await pair.lastBody()).toMatchObject({
    messages: [
      { role: "system", content: "Be brief." },
      {
        role: "user",
        content: [
          { type: "image_url", image_url: { url: "https://x.test/a.png" } },
          { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
          { type: "text", text: "What is it?" },
        ],
      },
    ],
    stop: ["END"],
    reasoning_effort: "high",
    user: "user-1",
  });
});

test("what can't be carried is named", async () => {
  await answer({ content: "a" }, "stop", []);
  const { response } = await pair.anthropic.messages
    .create({
      ...ASKED,
      // The SDK's types know it no more; older models take it still.
      ...({ top_k: 5 } as object),
      tools: [{ type: "web_search_20250305", name: "web_search" }],
      container: "c_1",
    })
    .withResponse();
  expect(response.headers.get("x-gatehouse-warnings")).toBe(
    "container (chat): left out; tools (web_search_20250305) (chat): left out; top_k (chat): left out",
  );
  expect(response.headers.get("request-id")).toBe(response.headers.get("x-request-id"));
});

test("a strict route refuses it, naming the field", async () => {
  const error = await rejection(
    pair.anthropic.messages.create({ ...ASKED, model: "strict", ...({ top_k: 5 } as object) }),
  );
  expect(error).toBeInstanceOf(Anthropic.BadRequestError);
  expect(error).toMatchObject({ errorCode: "cannot_translate", details: { field: "top_k" } });
});

describe("errors", () => {
  test("of the provider's, in Anthropic's classes, with what to do", async () => {
    const refused = async (status: number, error: object): Promise<unknown> => {
      await pair.upstream.scenario("gate-1", {
        status,
        body: { kind: "text", text: JSON.stringify({ error }) },
      });
      return rejection(pair.anthropic.messages.create(ASKED));
    };
    expect(await refused(400, { message: "bad", type: "invalid_request_error" })).toBeInstanceOf(
      Anthropic.BadRequestError,
    );
    expect(await refused(429, { message: "slow", type: "requests" })).toBeInstanceOf(
      Anthropic.RateLimitError,
    );
    expect(await refused(429, { message: "none left", code: "insufficient_quota" })).toMatchObject({
      status: 402,
      type: "billing_error",
    });
    expect(await refused(503, { message: "busy" })).toBeInstanceOf(Anthropic.OverloadedError);
    expect(await refused(400, { message: "too long", code: "context_length_exceeded" })).toMatchObject({
      type: "invalid_request_error",
      errorCode: "upstream_context_too_long",
    });
  });

  test("inside a stream, and an end that comes too early", async () => {
    const body = {
      kind: "events",
      events: [chunk({ content: "a" }), chunk({ content: "b" }), chunk({}, "stop")],
    } as const;
    const streamed = () => rejection(pair.anthropic.messages.stream(ASKED).finalMessage());
    const payload = JSON.stringify({ error: { message: "down", type: "server_error" } });
    await pair.upstream.scenario("gate-1", {
      body,
      fault: { kind: "error-mid-stream", afterEvents: 1, payload },
    });
    expect(await streamed()).toMatchObject({ type: "api_error", errorCode: "upstream_server" });
    await pair.upstream.scenario("gate-1", { body, fault: { kind: "truncate", afterEvents: 2 } });
    expect(await streamed()).toMatchObject({ type: "api_error", errorCode: "upstream_interrupted" });
  });
});
