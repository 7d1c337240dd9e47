import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { waitForLedger } from "../process/ledger-rows.ts";
import type { Scenario } from "../upstream/client.ts";
import { bodyOf, type CloudPair, headerOf, startCloud } from "./cloud-pair.ts";

/** Cohere as OpenAI's SDK sees it through a gateway process, and rankings as clients of several vendors ask for them. */

const MESSAGES = [{ role: "user" as const, content: "Who stands at the gate?" }];
const CHAT = "/v2/chat";
const sample = (recording: string): Scenario => ({ body: { kind: "recording", recording } });
const streamed = (recording: string, more: Scenario = {}): Scenario => ({
  ...more,
  body: { kind: "stream-recording", recording },
});

let cloud: CloudPair;
beforeAll(async () => {
  cloud = await startCloud((url) =>
    [
      "providers:",
      `  cohere: { base_url: "${url}/v2", key: co-upstream-key }`,
      `  ranker: { dialect: rerank, base_url: "${url}/v1", key: ranker-key }`,
      "prices:",
      "  cohere/command-a-plus-05-2026: { input: 2.5, output: 10 }",
      "  cohere/rerank-v4.0-pro: { input: 0, output: 0, per_tool_call: 0.0025 }",
      "",
    ].join("\n"),
  );
});
afterAll(() => cloud.dispose());

const model = "cohere/command-a-plus-05-2026";
const lastAttempt = async (modelName: string) => {
  const { attempts } = await waitForLedger(cloud.gateway, (rows) => {
    const last = rows.attempts.at(-1);
    return last?.model === modelName && last.outcome !== null;
  });
  return attempts.at(-1);
};

describe("chat", () => {
  test("whole, charged by what Cohere bills", async () => {
    await cloud.answer(CHAT, sample("cohere/cohere-chat-text"));
    const answer = await cloud.openai.chat.completions.create({ model, messages: MESSAGES });
    expect(answer).toMatchObject({
      id: "c14c80c3-18eb-4519-9460-6c92edd8cfb4",
      choices: [{ message: { content: "The gate is open. 門" }, finish_reason: "stop" }],
      usage: { prompt_tokens: 20, completion_tokens: 6, total_tokens: 26 },
    });
    const [call] = await cloud.calls();
    expect(headerOf(call, "authorization")).toBe("Bearer co-upstream-key");
    expect(bodyOf(call)).toEqual({ model: "command-a-plus-05-2026", messages: MESSAGES, stream: false });
    expect(await lastAttempt("command-a-plus-05-2026")).toMatchObject({
      usage_source: "reported",
      input_tokens: 20,
      output_tokens: 6,
      cost_nanodollars: 20 * 2500 + 6 * 10_000,
    });
  });

  test("streamed, however it is cut, with what it thought", async () => {
    for (const split of ["per-event", "every-byte", "inside-utf8"] as const) {
      await cloud.answer(CHAT, streamed("cohere/cohere-chat-thinking", { split }));
      const stream = cloud.openai.chat.completions.stream({
        model,
        messages: MESSAGES,
        stream_options: { include_usage: true },
        reasoning_effort: "medium",
      });
      const completion = await stream.finalChatCompletion();
      expect(completion.choices[0]?.message.content).toBe("At dawn.");
      expect(completion.usage).toMatchObject({ prompt_tokens: 30, completion_tokens: 40 });
    }
    expect(bodyOf((await cloud.calls())[0])).toMatchObject({
      thinking: { type: "enabled", token_budget: 8192 },
    });
  });

  test("tools, two turns", async () => {
    await cloud.answer(CHAT, sample("cohere/cohere-tool-calls"), sample("cohere/cohere-chat-text"));
    const tools = ["look", "list_gates"].map((name) => ({
      type: "function" as const,
      function: { name, parameters: { type: "object", properties: {} } },
    }));
    const first = await cloud.openai.chat.completions.create({ model, messages: MESSAGES, tools });
    const { message, finish_reason } = first.choices[0] ?? {};
    expect(finish_reason).toBe("tool_calls");
    if (message === undefined) throw new Error("no message");
    const results = (message.tool_calls ?? []).map(({ id }) => ({
      role: "tool" as const,
      tool_call_id: id,
      content: "open",
    }));
    const second = await cloud.openai.chat.completions.create({
      model,
      tools,
      messages: [...MESSAGES, message, ...results],
    });
    expect(second.choices[0]?.message.content).toBe("The gate is open. 門");
    expect(bodyOf((await cloud.calls(2))[1])["messages"]).toEqual([
      ...MESSAGES,
      {
        role: "assistant",
        tool_plan: "I will look at the north gate and list all gates.",
        tool_calls: [
          { id: "look_1", type: "function", function: { name: "look", arguments: '{"gate":"north"}' } },
          { id: "list_1", type: "function", function: { name: "list_gates", arguments: "{}" } },
        ],
      },
      { role: "tool", tool_call_id: "look_1", content: "open" },
      { role: "tool", tool_call_id: "list_1", content: "open" },
    ]);
  });

  test("tools, streamed, by the SDK's own runner of them", async () => {
    await cloud.answer(CHAT, streamed("cohere/cohere-tool-calls"), streamed("cohere/cohere-chat-text"));
    const seen: unknown[] = [];
    const tool = (name: string) => ({
      type: "function" as const,
      function: {
        name,
        description: name,
        parse: JSON.parse,
        function: (input: unknown) => {
          seen.push([name, input]);
          return "open";
        },
        parameters: { type: "object", properties: {} },
      },
    });
    const runner = cloud.openai.chat.completions.runTools({
      model,
      messages: MESSAGES,
      stream: true,
      tools: [tool("look"), tool("list_gates")],
    });
    expect(await runner.finalContent()).toBe("The gate is open. 門");
    expect(seen).toEqual([
      ["look", { gate: "north" }],
      ["list_gates", {}],
    ]);
  });

  test("structured output, and an image in", async () => {
    const schema = { type: "object", properties: { open: { type: "boolean" } }, required: ["open"] };
    const text = JSON.stringify({
      id: "x",
      finish_reason: "COMPLETE",
      message: { role: "assistant", content: [{ type: "text", text: '{"open":true}' }] },
      usage: { billed_units: { input_tokens: 1, output_tokens: 1 } },
    });
    await cloud.answer(CHAT, { body: { kind: "text", text } });
    const answer = await cloud.openai.chat.completions.parse({
      model: "cohere/command-a-plus-05-2026",
      messages: [
        {
          role: "user",
          content: [{ type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } }],
        },
      ],
      response_format: { type: "json_schema", json_schema: { name: "gate", schema } },
    });
    expect(answer.choices[0]?.message.parsed).toEqual({ open: true } as never);
    expect(bodyOf((await cloud.calls())[0])).toMatchObject({
      response_format: { type: "json_object", json_schema: schema },
      messages: [
        { content: [{ type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } }] },
      ],
    });
  });

  test("a stream that ends without its end is no success", async () => {
    await cloud.answer(
      CHAT,
      streamed("cohere/cohere-chat-text", { fault: { kind: "truncate", afterEvents: 4 } }),
    );
    const failure = await cloud.openai.chat.completions
      .stream({ model, messages: MESSAGES })
      .finalChatCompletion()
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    expect(failure).toBeInstanceOf(Error);
  });
});

describe("rankings", () => {
  const documents = ["shut", { text: "ajar" }, "open"];

  test("of Cohere, asked for as most servers are, and as Cohere's own client asks", async () => {
    for (const path of ["/v1/rerank", "/v2/rerank"]) {
      await cloud.answer("/v2/rerank", sample("cohere/cohere-rerank"));
      const answer = await cloud.post(path, {
        model: "cohere/rerank-v4.0-pro",
        query: "open?",
        documents,
        top_n: 2,
        return_documents: true,
        max_tokens_per_doc: 100,
      });
      expect(answer.status).toBe(200);
      expect(answer.headers.get("x-gatehouse-cost-usd")).toBe("0.0025");
      expect(await answer.json()).toMatchObject({
        id: "07734bd2-2473-4f07-94e1-0d9f0e6843cf",
        results: [
          { index: 2, relevance_score: 0.98, document: { text: "open" } },
          { index: 0, relevance_score: 0.4, document: { text: "shut" } },
        ],
        meta: { billed_units: { search_units: 1 } },
      });
      expect(bodyOf((await cloud.calls())[0])).toEqual({
        model: "rerank-v4.0-pro",
        query: "open?",
        documents: ["shut", "ajar", "open"],
        top_n: 2,
        max_tokens_per_doc: 100,
      });
    }
    expect(await lastAttempt("rerank-v4.0-pro")).toMatchObject({
      usage_source: "reported",
      input_tokens: 0,
      billed_tool_calls: 1,
      cost_nanodollars: 2_500_000,
    });
  });

  test("of a server that speaks the same: bytes go through, and what it used is counted", async () => {
    const said =
      '{"id":"r-1","results":[ {"index":0,"relevance_score":0.5} ],"usage":{"total_tokens":42},"odd":[1]}';
    await cloud.answer("/v1/rerank", { body: { kind: "text", text: said } });
    const answer = await cloud.post("/v1/rerank", {
      model: "ranker/big",
      query: { image: "x" },
      documents: [{ image: "y" }],
      odd: true,
    });
    expect(await answer.text()).toBe(said);
    const [call] = await cloud.calls();
    expect(call?.bodyText).toBe(
      '{"model":"big","query":{"image":"x"},"documents":[{"image":"y"}],"odd":true}',
    );
    expect(await lastAttempt("big")).toMatchObject({ input_tokens: 42, usage_source: "reported" });
  });

  test("refusals, of the gateway and of the provider", async () => {
    const wrong = await cloud.post("/v1/rerank", {
      model: "cohere/rerank-v4.0-pro",
      query: "x",
      documents: [],
    });
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({
      message: expect.stringContaining("documents"),
      error: { code: "invalid_request", param: "documents" },
    });
    const unserved = await cloud.post("/v1/rerank", { model: "demo/demo", query: "x", documents: ["a"] });
    expect(unserved.status).toBe(404);
    await cloud.answer("/v2/rerank", {
      status: 429,
      body: { kind: "text", text: '{"message":"slow down"}' },
    });
    const limited = await cloud.post("/v1/rerank", {
      model: "cohere/rerank-v4.0-pro",
      query: "x",
      documents: ["a"],
    });
    expect(limited.status).toBe(429);
    expect(await limited.json()).toMatchObject({ message: expect.stringContaining("slow down") });
  });
});
