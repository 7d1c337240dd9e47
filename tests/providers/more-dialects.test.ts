import { afterAll, beforeAll, expect, test } from "bun:test";
import { bodyOf, type CloudPair, headerOf, startCloud } from "../clouds/cloud-pair.ts";
import { waitForLedger } from "../process/ledger-rows.ts";
import type { Scenario } from "../upstream/client.ts";

/** What vendors speak beside chat completions: a client of the same dialect is passed through to it. */

let cloud: CloudPair;
beforeAll(async () => {
  cloud = await startCloud((url) =>
    [
      "providers:",
      ...["deepseek", "xai", "openrouter", "cerebras"].flatMap((id) => [
        `  ${id}:`,
        `    base_url: ${url}/${id}`,
        `    key: key-of-${id}`,
      ]),
      "",
    ].join("\n"),
  );
});
afterAll(() => cloud.dispose());

const text = (body: object): Scenario => ({ body: { kind: "text", text: JSON.stringify(body) } });

test("Messages to DeepSeek: the client's bytes but for the model, at the path that has them", async () => {
  const recording = "anthropic/anthropic-sample-text";
  await cloud.answer("/deepseek/anthropic/v1/messages", { body: { kind: "recording", recording } });
  const said = await cloud.post("/v1/messages", {
    model: "deepseek/deepseek-v4-flash",
    max_tokens: 9,
    messages: [{ role: "user", content: "é" }],
    thinking: { type: "disabled" },
  });
  expect(said.status).toBe(200);
  expect(await said.json()).toMatchObject({ type: "message", role: "assistant" });
  const [call] = await cloud.calls();
  expect(call?.bodyText).toBe(
    '{"model":"deepseek-v4-flash","max_tokens":9,"messages":[{"role":"user","content":"é"}],"thinking":{"type":"disabled"}}',
  );
  expect(headerOf(call, "authorization")).toBe("Bearer key-of-deepseek");
});

test("tokens for DeepSeek are estimated, and nobody is called", async () => {
  await cloud.upstream.clearCalls();
  const said = await cloud.post("/v1/messages/count_tokens", {
    model: "deepseek/deepseek-v4-flash",
    messages: [{ role: "user", content: "How many?" }],
  });
  expect(said.headers.get("x-gatehouse-estimated")).toBe("true");
  expect(await cloud.upstream.callCount()).toBe(0);
});

test("Responses to xAI: what it keeps may be referred to", async () => {
  const answer = {
    id: "resp_2",
    object: "response",
    created_at: 1,
    status: "completed",
    model: "grok-4.3",
    output: [
      {
        type: "message",
        id: "msg_1",
        role: "assistant",
        status: "completed",
        content: [{ type: "output_text", text: "A keeper.", annotations: [] }],
      },
    ],
    usage: {
      input_tokens: 9,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 3,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 12,
    },
  };
  await cloud.answer("/xai/responses", text(answer));
  const said = await cloud.openai.responses.create({
    model: "xai/grok-4.3",
    input: "Who?",
    previous_response_id: "resp_1",
  });
  expect(said.output_text).toBe("A keeper.");
  expect(bodyOf((await cloud.calls())[0])).toEqual({
    model: "grok-4.3",
    input: "Who?",
    previous_response_id: "resp_1",
  });
});

test("a ranking by OpenRouter, accounted by its searches", async () => {
  const answer = {
    id: "gen-rerank-1",
    model: "cohere/rerank-v3.5",
    results: [{ index: 1, relevance_score: 0.9, document: { text: "b" } }],
    usage: { cost: 0.001, search_units: 1, total_tokens: 150 },
  };
  await cloud.answer("/openrouter/rerank", text(answer));
  const said = await cloud.post("/v1/rerank", {
    model: "openrouter/cohere/rerank-v3.5",
    query: "q",
    documents: ["a", "b"],
  });
  expect(await said.json()).toEqual(answer);
  const { attempts } = await waitForLedger(cloud.gateway, (rows) =>
    rows.attempts.some(({ provider, outcome }) => provider === "openrouter" && outcome === "ok"),
  );
  expect(attempts.find(({ provider }) => provider === "openrouter")).toMatchObject({
    usage_source: "reported",
    input_tokens: 150,
  });
});

test("a text completed by Cerebras", async () => {
  const answer = {
    id: "cmpl-1",
    object: "text_completion",
    created: 1,
    model: "llama3.1-8b",
    choices: [{ index: 0, text: " night", finish_reason: "length" }],
    usage: { prompt_tokens: 7, completion_tokens: 1, total_tokens: 8 },
  };
  await cloud.answer("/cerebras/completions", text(answer));
  const said = await cloud.openai.completions.create({
    model: "cerebras/llama3.1-8b",
    prompt: "It was a dark and stormy",
    max_tokens: 1,
  });
  expect(said.choices[0]?.text).toBe(" night");
  expect(bodyOf((await cloud.calls())[0])).toEqual({
    model: "llama3.1-8b",
    prompt: "It was a dark and stormy",
    max_tokens: 1,
  });
});
