import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import type { ChatCompletionMessageParam } from "openai/resources/chat/completions";
import { z } from "zod";
import { waitForLedger } from "../process/ledger-rows.ts";
import { openaiClient } from "./clients.ts";
import { type OpenAIProviders, startOpenAIProviders } from "./openai-providers.ts";
import { responsesAnswer, responsesStream } from "./provider-answers.ts";

/** OpenAI's SDK speaking chat completions to a provider that speaks Responses alone. */

let providers: OpenAIProviders;
let openai: OpenAI;
const model = "responses/m";
const messages: ChatCompletionMessageParam[] = [{ role: "user", content: "Weather in Paris?" }];
const CALL = { id: "call_1", name: "weather", arguments: '{"city":"Paris"}' };
const THOUGHT = { text: "I must look.", proof: "c2lnbmVk" };

beforeAll(async () => {
  providers = await startOpenAIProviders();
  openai = openaiClient({ url: providers.gateway.url, key: providers.gateway.virtualKey });
});
afterAll(() => providers.dispose());
beforeEach(() => providers.upstream.clearCalls());

const bodies = async (): Promise<readonly { readonly [member: string]: unknown }[]> =>
  (await providers.upstream.calls()).map(({ bodyText }) => JSON.parse(bodyText));

test("create", async () => {
  await providers.upstream.scenario("m", responsesAnswer({ text: "Sun." }));
  const completion = await openai.chat.completions.create({
    model,
    messages: [{ role: "developer", content: "Be brief." }, ...messages],
    max_completion_tokens: 100,
    reasoning_effort: "low",
    verbosity: "low",
  });
  expect(completion.choices[0]?.message).toMatchObject({ role: "assistant", content: "Sun.", refusal: null });
  expect(completion.choices[0]?.finish_reason).toBe("stop");
  expect(completion.usage).toMatchObject({
    prompt_tokens: 20,
    completion_tokens: 9,
    prompt_tokens_details: { cached_tokens: 5 },
    completion_tokens_details: { reasoning_tokens: 4 },
  });
  const [call] = await providers.upstream.calls();
  expect(call?.path).toBe("/v1/responses");
  expect((await bodies())[0]).toEqual({
    model: "m",
    input: [
      { type: "message", role: "developer", content: "Be brief." },
      { type: "message", role: "user", content: "Weather in Paris?" },
    ],
    max_output_tokens: 100,
    reasoning: { effort: "low" },
    text: { verbosity: "low" },
    include: ["reasoning.encrypted_content"],
    store: false,
  });
});

test("the stream helper gives the whole completion", async () => {
  await providers.upstream.scenario("m", responsesStream({ text: "Sun and rain.", reasoning: THOUGHT }));
  const stream = openai.chat.completions.stream({ model, messages, stream_options: { include_usage: true } });
  let said = "";
  stream.on("content", (delta) => {
    said += delta;
  });
  const final = await stream.finalChatCompletion();
  expect([said, final.choices[0]?.message.content]).toEqual(["Sun and rain.", "Sun and rain."]);
  expect((await stream.totalUsage()).completion_tokens).toBe(9);
});

test("parse, with structured output", async () => {
  await providers.upstream.scenario("m", responsesAnswer({ text: '{"city":"Paris"}' }));
  const response_format = zodResponseFormat(z.object({ city: z.string() }), "place");
  const completion = await openai.chat.completions.parse({ model, messages, response_format });
  expect(completion.choices[0]?.message.parsed).toEqual({ city: "Paris" });
  expect((await bodies())[0]).toMatchObject({
    text: { format: { type: "json_schema", name: "place", strict: true } },
  });
});

describe("tools", () => {
  const tools = [
    {
      type: "function" as const,
      function: {
        name: "weather",
        description: "The weather of a city",
        parameters: { type: "object", properties: { city: { type: "string" } } },
        parse: (text: string): { city: string } => JSON.parse(text),
        function: ({ city }: { city: string }) => `sunny in ${city}`,
      },
    },
  ];

  for (const streaming of [false, true]) {
    test(`the runner calls them and answers, ${streaming ? "streamed" : "whole"}`, async () => {
      const kind = streaming ? responsesStream : responsesAnswer;
      await providers.upstream.scenario("m", [kind({ calls: [CALL] }), kind({ text: "Sun." })]);
      const runner = streaming
        ? openai.chat.completions.runTools({ model, messages: [...messages], tools, stream: true })
        : openai.chat.completions.runTools({ model, messages: [...messages], tools });
      expect(await runner.finalContent()).toBe("Sun.");
      const [, second] = await bodies();
      expect(second).toMatchObject({
        input: [
          { type: "message", role: "user" },
          { type: "function_call", call_id: "call_1", name: "weather", arguments: '{"city":"Paris"}' },
          { type: "function_call_output", call_id: "call_1", output: "sunny in Paris" },
        ],
        tools: [{ type: "function", name: "weather", strict: false }],
      });
    });
  }

  test("what the model thought comes back with the next turn, its proof and name unchanged", async () => {
    for (const [turn, streaming] of [false, true].entries()) {
      await providers.upstream.scenario("m", [
        (streaming ? responsesStream : responsesAnswer)({ reasoning: THOUGHT, calls: [CALL] }),
        responsesAnswer({ text: "Sun." }),
      ]);
      const first = streaming
        ? await openai.chat.completions.stream({ model, messages, tools }).finalChatCompletion()
        : await openai.chat.completions.create({ model, messages, tools });
      const message = first.choices[0]?.message;
      if (message === undefined) throw new Error("no message");
      await openai.chat.completions.create({
        model,
        messages: [...messages, message, { role: "tool", tool_call_id: "call_1", content: "sunny" }],
        tools,
      });
      expect((await bodies())[2 * turn + 1]).toMatchObject({
        input: [
          { type: "message" },
          {
            type: "reasoning",
            id: "rs_1",
            summary: [{ type: "summary_text", text: "I must look." }],
            encrypted_content: "c2lnbmVk",
          },
          { type: "function_call", call_id: "call_1" },
          { type: "function_call_output", call_id: "call_1", output: "sunny" },
        ],
      });
    }
  });
});

test("errors are of the SDK's classes", async () => {
  const refusal = { status: 429, body: { kind: "recording", recording: "openai/openai-error-429" } } as const;
  await providers.upstream.scenario("m", refusal);
  const error = await rejection(openai.chat.completions.create({ model, messages }));
  expect(error).toBeInstanceOf(OpenAI.RateLimitError);
});

test("what it can't be asked is named in the answer and in the ledger", async () => {
  await providers.upstream.scenario("m", responsesAnswer({ text: "Sun." }));
  const { response } = await openai.chat.completions
    .create({ model, messages, stop: ["x"], seed: 3 })
    .withResponse();
  const warnings = response.headers.get("x-gatehouse-warnings");
  expect(warnings).toBe("stop (responses): left out; seed (responses): left out");
  const { requests, attempts } = await waitForLedger(providers.gateway, (rows) =>
    rows.requests.some((row) => row.warnings !== null),
  );
  const row = requests.find(({ warnings: kept }) => kept !== null);
  const attempt = attempts.find(({ request_id }) => request_id === row?.id);
  expect(attempt).toMatchObject({
    input_tokens: 20,
    cached_input_tokens: 5,
    output_tokens: 9,
    finish_reason: "completed",
  });
});

async function rejection(call: PromiseLike<unknown>): Promise<unknown> {
  try {
    await call;
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}
