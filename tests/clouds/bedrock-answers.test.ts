import { describe, expect, test } from "bun:test";
import type OpenAI from "openai";
import { waitForLedger } from "../process/ledger-rows.ts";
import type { Scenario } from "../upstream/client.ts";
import {
  CLAUDE,
  cloud,
  framing,
  MESSAGES,
  path,
  runBedrock,
  STREAM,
  sample,
  streamed,
  WHOLE,
} from "./bedrock-cloud.ts";
import { bodyOf } from "./cloud-pair.ts";

/** Amazon Bedrock as OpenAI's SDK sees it through a gateway process: its answers come in AWS's binary framing. */

runBedrock();

const events = (...lines: readonly object[]): Scenario => ({
  body: { kind: "events", events: lines.map((line) => JSON.stringify(line)), framing },
});

/** All that a stream says, folded by hand. */
async function collect(stream: AsyncIterable<OpenAI.ChatCompletionChunk>) {
  const chunks: OpenAI.ChatCompletionChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return {
    text: chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join(""),
    finish: chunks.flatMap((chunk) => chunk.choices[0]?.finish_reason ?? []),
    usage: chunks.at(-1)?.usage,
  };
}

const USAGE = {
  prompt_tokens: 1111,
  completion_tokens: 8,
  total_tokens: 1119,
  prompt_tokens_details: { cached_tokens: 1000, cache_write_tokens: 100 },
};

describe("text", () => {
  test("whole, with what it cost", async () => {
    await cloud.answer(WHOLE, sample("amazon-bedrock/bedrock-chat-text"));
    const answer = await cloud.openai.chat.completions.create({
      model: `bedrock/${CLAUDE}`,
      messages: MESSAGES,
    });
    expect(answer.choices).toMatchObject([
      { message: { role: "assistant", content: "The gate stands open. 門" }, finish_reason: "stop" },
    ]);
    expect(answer.usage).toMatchObject(USAGE);
    const [call] = await cloud.calls();
    expect(call?.path).toBe(WHOLE);
    expect(bodyOf(call)).toEqual({ messages: [{ role: "user", content: [{ text: MESSAGES[0]?.content }] }] });
    const { attempts } = await waitForLedger(cloud.gateway, (rows) => rows.attempts.at(-1)?.outcome === "ok");
    expect(attempts.at(-1)).toMatchObject({
      provider: "bedrock",
      model: CLAUDE,
      usage_source: "reported",
      input_tokens: 1111,
      cached_input_tokens: 1000,
      cache_write_5m_tokens: 40,
      cache_write_1h_tokens: 60,
      output_tokens: 8,
      // 11 × 3 + 1000 × 0.3 + 40 × 3.75 + 60 × 6 + 8 × 15 dollars for a million of each.
      cost_nanodollars: (33 + 300 + 150 + 360 + 120) * 1000,
    });
  });

  test("streamed, however the bytes are cut", async () => {
    for (const split of [
      "per-event",
      "two-per-packet",
      "every-byte",
      "whole",
      { at: [1, 13, 77, 200] },
    ] as const) {
      await cloud.answer(STREAM, streamed("amazon-bedrock/bedrock-chat-text", { split }));
      const stream = await cloud.openai.chat.completions.create({
        model: `bedrock/${CLAUDE}`,
        messages: MESSAGES,
        stream: true,
        stream_options: { include_usage: true },
      });
      const { text, finish, usage } = await collect(stream);
      expect(text).toBe("The gate stands open. 門");
      expect(finish).toEqual(["stop"]);
      expect(usage).toMatchObject(USAGE);
    }
    expect((await cloud.calls())[0]?.path).toBe(STREAM);
  });
});

describe("structured output", () => {
  const schema = {
    type: "object",
    properties: { open: { type: "boolean" } },
    required: ["open"],
    additionalProperties: false,
  };
  const response_format = {
    type: "json_schema",
    json_schema: { name: "gate", strict: true, schema },
  } as const;

  test("natively", async () => {
    const content = [{ text: '{"open":true}' }];
    const text = JSON.stringify({ output: { message: { content } }, stopReason: "end_turn", usage: {} });
    await cloud.answer(WHOLE, { body: { kind: "text", text } });
    const answer = await cloud.openai.chat.completions.parse({
      model: `bedrock/${CLAUDE}`,
      messages: MESSAGES,
      response_format,
    });
    expect(answer.choices[0]?.message.parsed).toEqual({ open: true } as never);
    const [call] = await cloud.calls();
    expect(bodyOf(call)["outputConfig"]).toEqual({
      textFormat: {
        type: "json_schema",
        structure: { jsonSchema: { name: "gate", schema: JSON.stringify(schema) } },
      },
    });
  });

  test("by a forced tool where the family has no other way, streamed", async () => {
    const model = "amazon.nova-pro-v1:0";
    await cloud.answer(
      path(model, "converse-stream"),
      events(
        { messageStart: { role: "assistant" } },
        {
          contentBlockStart: {
            contentBlockIndex: 0,
            start: { toolUse: { toolUseId: "t", name: "give_answer" } },
          },
        },
        { contentBlockDelta: { contentBlockIndex: 0, delta: { toolUse: { input: '{"open":' } } } },
        { contentBlockDelta: { contentBlockIndex: 0, delta: { toolUse: { input: "true}" } } } },
        { contentBlockStop: { contentBlockIndex: 0 } },
        { messageStop: { stopReason: "tool_use" } },
        { metadata: { usage: { inputTokens: 5, outputTokens: 6 } } },
      ),
    );
    const stream = await cloud.openai.chat.completions.create({
      model: `bedrock/${model}`,
      messages: MESSAGES,
      response_format,
      stream: true,
    });
    const { text, finish } = await collect(stream);
    expect(JSON.parse(text)).toEqual({ open: true });
    expect(finish).toEqual(["stop"]);
    expect(bodyOf((await cloud.calls())[0])["toolConfig"]).toEqual({
      tools: [
        {
          toolSpec: {
            name: "give_answer",
            description: "Gives the answer in the form that is asked for.",
            inputSchema: { json: schema },
          },
        },
      ],
      toolChoice: { tool: { name: "give_answer" } },
    });
  });
});

test("an image, and a warning for one that can't be sent", async () => {
  await cloud.answer(WHOLE, sample("amazon-bedrock/bedrock-chat-text"));
  const image = (url: string) => ({ type: "image_url" as const, image_url: { url } });
  const { data, response } = await cloud.openai.chat.completions
    .create({
      model: `bedrock/${CLAUDE}`,
      messages: [
        {
          role: "user",
          content: [image("data:image/png;base64,iVBORw0KGgo="), image("https://x.test/a.png")],
        },
      ],
    })
    .withResponse();
  expect(data.choices[0]?.finish_reason).toBe("stop");
  expect(response.headers.get("x-gatehouse-warnings")).toContain("messages[].content[].image_url (bedrock)");
  expect(bodyOf((await cloud.calls())[0])["messages"]).toMatchObject([
    {
      content: [
        { image: { format: "png", source: { bytes: "iVBORw0KGgo=" } } },
        { text: expect.any(String) },
      ],
    },
  ]);
});

describe("failures", () => {
  const isRateLimited = (row: { readonly error_class: string | null }) => row.error_class === "rate_limit";
  const ask = () =>
    cloud.openai.chat.completions.create({ model: `bedrock/${CLAUDE}`, messages: MESSAGES, stream: true });

  test("an exception before anything else is a status", async () => {
    await cloud.answer(STREAM, events({ throttlingException: { message: "Too many requests" } }));
    const failure = await ask().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(failure).toMatchObject({ status: 429, code: "rate_limit_exceeded" });
    const { attempts } = await waitForLedger(cloud.gateway, (rows) => rows.attempts.some(isRateLimited));
    expect(attempts.filter(isRateLimited)).toMatchObject([{ outcome: "failed" }]);
  });

  test("an exception in the middle is told in the stream, and nothing after it", async () => {
    await cloud.answer(STREAM, {
      // So that the first event is read by itself: what fails within one read has reached nobody.
      paceMs: 100,
      ...events(
        { contentBlockDelta: { contentBlockIndex: 0, delta: { text: "The gate" } } },
        { modelStreamErrorException: { message: "It broke.", originalStatusCode: 500 } },
        { messageStop: { stopReason: "end_turn" } },
      ),
    });
    const stream = await ask();
    const texts: string[] = [];
    const failure = await (async () => {
      for await (const chunk of stream) texts.push(chunk.choices[0]?.delta.content ?? "");
    })().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(texts.join("")).toBe("The gate");
    expect(String(failure)).toContain("It broke.");
  });

  test("a stream that ends, or is damaged, before its stop is no success", async () => {
    const recording = "amazon-bedrock/bedrock-chat-text";
    const faults: readonly Scenario[] = [
      streamed(recording, { fault: { kind: "truncate", afterEvents: 3 } }),
      streamed(recording, { fault: { kind: "end-early", bytes: 300 } }),
      streamed(recording, { fault: { kind: "garbage" } }),
      streamed(recording, { fault: { kind: "empty-stream" } }),
    ];
    for (const scenario of faults) {
      await cloud.answer(STREAM, scenario);
      const failure = await ask()
        .then(collect)
        .then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
      expect(failure).toBeInstanceOf(Error);
    }
  });

  test("refusals by their class", async () => {
    const cases: readonly [number, object, number, string][] = [
      [400, { message: "Input is too long for requested model." }, 400, "context_length_exceeded"],
      [
        403,
        { message: "The security token included in the request is invalid." },
        502,
        "upstream_authentication",
      ],
      [503, { message: "unavailable" }, 503, "upstream_overloaded"],
    ];
    for (const [status, body, expected, code] of cases) {
      await cloud.answer(WHOLE, { status, body: { kind: "text", text: JSON.stringify(body) } });
      const answer = await cloud.post("/v1/chat/completions", {
        model: `bedrock/${CLAUDE}`,
        messages: MESSAGES,
      });
      expect(answer.status).toBe(expected);
      expect(await answer.json()).toMatchObject({ error: { code } });
    }
  });
});
