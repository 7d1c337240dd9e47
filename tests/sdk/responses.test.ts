import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { zodTextFormat } from "openai/helpers/zod";
import type { ResponseInput, ResponseInputItem, Tool } from "openai/resources/responses/responses";
import { z } from "zod";
import type { Scenario } from "../upstream/client.ts";
import { openaiClient } from "./clients.ts";
import { type OpenAIProviders, startOpenAIProviders } from "./openai-providers.ts";
import { chatAnswer, chatStream, responsesAnswer, responsesStream, type Said } from "./provider-answers.ts";

/** OpenAI's SDK speaking Responses: to a provider that does too, and to one that only knows chat completions. */

let providers: OpenAIProviders;
let openai: OpenAI;

beforeAll(async () => {
  providers = await startOpenAIProviders();
  openai = openaiClient({ url: providers.gateway.url, key: providers.gateway.virtualKey });
});
afterAll(() => providers.dispose());
beforeEach(() => providers.upstream.clearCalls());

const WEATHER: Tool = {
  type: "function",
  name: "weather",
  description: "The weather of a city",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  strict: false,
};
const ASKED: Said = {
  reasoning: { text: "I must look.", proof: "c2lnbmVk" },
  calls: [
    { id: "call_1", name: "weather", arguments: '{"city":"Paris"}' },
    { id: "call_2", name: "weather", arguments: '{"city":"Rome"}' },
  ],
};

interface Kind {
  readonly what: string;
  readonly provider: string;
  readonly answer: (said: Said) => Scenario;
  readonly stream: (said: Said) => Scenario;
  /** After so many events of a text's stream the answer has begun and not ended. */
  readonly begunAfter: number;
}
const KINDS: readonly Kind[] = [
  {
    what: "passed through",
    provider: "responses",
    answer: responsesAnswer,
    stream: responsesStream,
    begunAfter: 5,
  },
  {
    what: "translated to chat completions",
    provider: "groq",
    answer: chatAnswer,
    stream: chatStream,
    begunAfter: 3,
  },
];

for (const { what, provider, answer, stream, begunAfter } of KINDS) {
  describe(what, () => {
    const model = `${provider}/m`;
    const answers = (...scenarios: readonly Scenario[]) => providers.upstream.scenario("m", scenarios);

    test("create", async () => {
      await answers(answer({ text: "Nobody." }));
      const response = await openai.responses.create({
        model,
        instructions: "Be brief.",
        input: "Who stands at the gate?",
      });
      expect(response.output_text).toBe("Nobody.");
      expect(response).toMatchObject({ object: "response", status: "completed", error: null });
      expect(response.usage).toMatchObject({
        input_tokens: 20,
        input_tokens_details: { cached_tokens: 5 },
        output_tokens: 9,
        output_tokens_details: { reasoning_tokens: 4 },
        total_tokens: 29,
      });
    });

    test("create with stream: true gives events in order", async () => {
      await answers(stream({ text: "Nobody at all." }));
      const types: string[] = [];
      let said = "";
      for await (const event of await openai.responses.create({ model, input: "Who?", stream: true })) {
        types.push(event.type);
        expect(event.sequence_number).toBe(types.length - 1);
        if (event.type === "response.output_text.delta") said += event.delta;
      }
      expect(said).toBe("Nobody at all.");
      expect([...new Set(types)]).toEqual([
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
      ]);
    });

    test("the stream helper gives the whole response", async () => {
      await answers(stream(ASKED));
      const helper = openai.responses.stream({ model, input: "Weather?", tools: [WEATHER] });
      let given = "";
      helper.on("response.function_call_arguments.delta", ({ delta }) => {
        given += delta;
      });
      const final = await helper.finalResponse();
      expect(given).toBe('{"city":"Paris"}{"city":"Rome"}');
      expect(final.output.map(({ type }) => type)).toEqual(["reasoning", "function_call", "function_call"]);
      expect(final.output[0]).toMatchObject({ summary: [{ type: "summary_text", text: "I must look." }] });
      expect(final.usage?.output_tokens).toBe(9);
    });

    test("parse and the stream helper, with structured output", async () => {
      const format = zodTextFormat(z.object({ gate: z.string(), open: z.boolean() }), "gate");
      const text = '{"gate":"north","open":true}';
      await answers(answer({ text }), stream({ text }));
      const params = { model, input: "Which?", text: { format } };
      const parsed = await openai.responses.parse(params);
      expect(parsed.output_parsed).toEqual({ gate: "north", open: true });
      const streamed = await openai.responses.stream(params).finalResponse();
      expect(streamed.output_parsed).toEqual({ gate: "north", open: true });
      const [call] = await providers.upstream.calls();
      const body = JSON.parse(call?.bodyText ?? "");
      const schema = body.text?.format ?? { ...body.response_format.json_schema, type: "json_schema" };
      expect(schema).toMatchObject({ type: "json_schema", name: "gate", strict: true });
    });

    test("a tool round trip of two turns, with what the model thought in the second request", async () => {
      await answers(answer(ASKED), answer({ text: "Sun." }));
      const input: ResponseInput = [{ role: "user", content: "Weather in Paris and Rome?" }];
      const common = {
        model,
        tools: [WEATHER],
        store: false,
        include: ["reasoning.encrypted_content" as const],
      };
      const first = await openai.responses.create({ ...common, input });
      const results = first.output.flatMap((item): ResponseInputItem[] =>
        item.type === "function_call"
          ? [{ type: "function_call_output", call_id: item.call_id, output: "sunny" }]
          : [],
      );
      expect(results).toHaveLength(2);
      const second = await openai.responses.create({
        ...common,
        input: [...input, ...(first.output as ResponseInputItem[]), ...results],
      });
      expect(second.output_text).toBe("Sun.");
      const calls = await providers.upstream.calls();
      const body = JSON.parse(calls[1]?.bodyText ?? "");
      if (provider === "responses") {
        expect(body.input[1]).toMatchObject({ type: "reasoning", id: "rs_1", encrypted_content: "c2lnbmVk" });
        return;
      }
      // The proof is another vendor's: it came wrapped, and is not sent to a provider that would refuse it.
      const [thought] = first.output;
      expect(thought).toMatchObject({
        type: "reasoning",
        encrypted_content: expect.stringContaining("gatehouse:"),
      });
      expect(body.messages.map(({ role }: { role: string }) => role)).toEqual([
        "user",
        "assistant",
        "tool",
        "tool",
      ]);
      expect(body.messages[1].tool_calls).toEqual(
        ASKED.calls?.map(({ id, ...called }) => ({ id, type: "function", function: called })) ?? [],
      );
    });

    test("errors are of the SDK's classes", async () => {
      const refusal = (status: number): Scenario => ({
        status,
        body: { kind: "recording", recording: `openai/openai-error-${status}` },
      });
      const classes: readonly [number, unknown][] = [
        [400, OpenAI.BadRequestError],
        [429, OpenAI.RateLimitError],
        [500, OpenAI.InternalServerError],
      ];
      for (const [status, expected] of classes) {
        await answers(refusal(status));
        for (const streaming of [false, true]) {
          const error = await rejection(openai.responses.create({ model, input: "x", stream: streaming }));
          expect(error).toBeInstanceOf(expected as never);
        }
      }
      expect(await rejection(openai.responses.create({ model: "nobody/x", input: "x" }))).toBeInstanceOf(
        OpenAI.NotFoundError,
      );
      expect(await rejection(openai.responses.create({ model, input: 3 as never }))).toMatchObject({
        status: 400,
        param: "input",
      });
    });

    test("a stream that breaks off throws, and ends as a failed response", async () => {
      await answers({
        ...stream({ text: "Nobody at all." }),
        fault: { kind: "truncate", afterEvents: begunAfter },
      });
      const text = await (await post({ model, input: "x", stream: true })).text();
      expect(text).toContain("event: error\n");
      expect(text).toContain("event: response.failed\n");
      expect(text).not.toContain("response.completed");
      const error = await rejection(consume(openai, model));
      expect(error).toBeInstanceOf(OpenAI.APIError);
    });
  });
}

describe("state that a provider keeps", () => {
  test("passes where the dialect is the same", async () => {
    await providers.upstream.scenario("m", responsesAnswer({ text: "Again." }));
    const response = await openai.responses.create({
      model: "responses/m",
      input: "x",
      previous_response_id: "resp_0",
    });
    expect(response.output_text).toBe("Again.");
    const [call] = await providers.upstream.calls();
    expect(JSON.parse(call?.bodyText ?? "")).toMatchObject({ previous_response_id: "resp_0" });
  });

  test("is refused elsewhere, and no provider is called", async () => {
    const error = await rejection(
      openai.responses.create({ model: "groq/m", input: "x", previous_response_id: "resp_0" }),
    );
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ code: "cannot_translate", param: "previous_response_id" });
    expect(String(error)).toContain("store: false");
    expect(await providers.upstream.callCount()).toBe(0);
  });
});

describe("a coding agent", () => {
  const request = (model: string): object => ({
    model,
    instructions: "You are a coding agent.",
    input: [
      { type: "message", role: "developer", content: [{ type: "input_text", text: "Sandboxed." }] },
      { type: "message", role: "user", content: [{ type: "input_text", text: "Fix it." }] },
      { type: "reasoning", summary: [], encrypted_content: "c2lnbmVk" },
      { type: "custom_tool_call", call_id: "call_0", name: "apply_patch", input: "*** Begin Patch" },
      { type: "custom_tool_call_output", call_id: "call_0", output: "ok" },
    ],
    tools: [
      WEATHER,
      {
        type: "custom",
        name: "apply_patch",
        description: "d",
        format: { type: "grammar", syntax: "lark", definition: "start: x" },
      },
      { type: "web_search", external_web_access: false },
      { type: "local_shell" },
    ],
    tool_choice: "auto",
    parallel_tool_calls: true,
    reasoning: { effort: "high", summary: "auto" },
    store: false,
    stream: true,
    include: ["reasoning.encrypted_content"],
    prompt_cache_key: "0199",
    text: { verbosity: "low" },
  });
  const headers = {
    "openai-beta": "responses=experimental",
    originator: "codex_cli_rs",
    session_id: "0199",
    "x-codex-turn-state": "sticky",
    "x-other": "no",
  };

  test("reaches its own provider with its very bytes and what it says beside them", async () => {
    await providers.upstream.scenario("gpt-x-codex", responsesStream({ text: "Done." }));
    const text = JSON.stringify(request("responses/gpt-x-codex"), null, 1);
    const response = await post(text, headers);
    expect(await response.text()).toContain("response.completed");
    const [call] = await providers.upstream.calls();
    expect(call?.bodyText).toBe(text.replace("responses/gpt-x-codex", "gpt-x-codex"));
    expect(call?.path).toBe("/v1/responses");
    const sent = new Map(call?.headers.map(([name, value]) => [name.toLowerCase(), value]));
    const { "x-other": _, ...known } = headers;
    for (const [name, value] of Object.entries(known)) expect(sent.get(name)).toBe(value);
    expect(sent.has("x-other")).toBe(false);
  });

  test("works on another vendor's model: its patch tool comes back as it was given", async () => {
    const patch = "*** Begin Patch\n*** End Patch";
    const calls = [
      { id: "call_1", name: "apply_patch", arguments: JSON.stringify({ input: patch }) },
      { id: "call_2", name: "weather", arguments: "{}" },
    ];
    await providers.upstream.scenario("llama", chatStream({ text: "I patch.", calls }));
    const response = await post(request("groq/llama"), headers);
    const items = (await response.text())
      .split("\n\n")
      .filter((event) => event.startsWith("event: response.output_item.done\n"))
      .map((event) => JSON.parse(event.slice(event.indexOf("data: ") + 6)).item);
    expect(items).toEqual([
      expect.objectContaining({ type: "message" }),
      expect.objectContaining({
        type: "custom_tool_call",
        name: "apply_patch",
        call_id: "call_1",
        input: patch,
      }),
      expect.objectContaining({ type: "function_call", name: "weather", call_id: "call_2", arguments: "{}" }),
    ]);
    const [call] = await providers.upstream.calls();
    const body = JSON.parse(call?.bodyText ?? "");
    expect(body.messages.map(({ role }: { role: string }) => role)).toEqual([
      "system",
      "system",
      "user",
      "assistant",
      "tool",
    ]);
    expect(body.tools.map((tool: { function: { name: string } }) => tool.function.name)).toEqual([
      "weather",
      "apply_patch",
    ]);
    const warnings = response.headers.get("x-gatehouse-warnings") ?? "";
    for (const word of ["web_search", "local_shell"]) expect(warnings).toContain(word);
  });

  test("a strict route refuses what would be lost", async () => {
    const response = await post(request("strictly"));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: "cannot_translate" } });
  });
});

describe("an error that OpenAI says twice", () => {
  const failing: Scenario = {
    body: {
      kind: "events",
      events: [
        { type: "response.created", response: { id: "r" } },
        {
          type: "error",
          error: { type: "insufficient_quota", code: "insufficient_quota", message: "No more." },
        },
        {
          type: "response.failed",
          response: { id: "r", status: "failed", error: { code: "insufficient_quota", message: "No more." } },
        },
      ].map((event) => JSON.stringify(event)),
    },
  };

  test("before the answer it is an answer with its status", async () => {
    await providers.upstream.scenario("m", failing);
    const error = await rejection(
      openai.responses.create({ model: "responses/m", input: "x", stream: true }),
    );
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect(error).toMatchObject({ code: "insufficient_quota" });
  });
});

function post(body: object | string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${providers.gateway.url}/v1/responses`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${providers.gateway.virtualKey}`,
      ...headers,
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

async function consume(client: OpenAI, model: string): Promise<void> {
  for await (const _ of await client.responses.create({ model, input: "x", stream: true }));
}

/** The SDK's promises begin their work when they are awaited, which the matcher `rejects` does not see. */
async function rejection(call: PromiseLike<unknown>): Promise<unknown> {
  try {
    await call;
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}
