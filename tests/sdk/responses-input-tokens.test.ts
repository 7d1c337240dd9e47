import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { waitForLedger } from "../process/ledger-rows.ts";
import { openaiClient } from "./clients.ts";
import { type OpenAIProviders, startOpenAIProviders } from "./openai-providers.ts";
import { responsesAnswer } from "./provider-answers.ts";

/** How many tokens a response would take: from the provider where it counts, else an estimate that says so. */

let providers: OpenAIProviders;
let openai: OpenAI;
beforeAll(async () => {
  providers = await startOpenAIProviders();
  openai = openaiClient({ url: providers.gateway.url, key: providers.gateway.virtualKey });
});
afterAll(() => providers.dispose());
beforeEach(async () => {
  await providers.upstream.clearScenarios();
  await providers.upstream.clearCalls();
});

const counted = async (tokens: number): Promise<void> => {
  const text = JSON.stringify({ object: "response.input_tokens", input_tokens: tokens });
  await providers.upstream.scenario("default", { body: { kind: "text", text } });
};

test("a provider that counts is asked, in the client's own words, and nothing is charged", async () => {
  await counted(2095);
  const { data, response } = await openai.responses.inputTokens
    .count({ model: "responses/gate-1", input: "Who?", previous_response_id: "resp_1" })
    .withResponse();
  expect(data).toEqual({ object: "response.input_tokens", input_tokens: 2095 });
  expect(response.headers.get("x-gatehouse-estimated")).toBeNull();
  const [call] = await providers.upstream.calls();
  expect(call?.path).toEndWith("/responses/input_tokens");
  expect(JSON.parse(call?.bodyText ?? "")).toEqual({
    model: "gate-1",
    input: "Who?",
    previous_response_id: "resp_1",
  });
  const id = response.headers.get("x-request-id");
  const { attempts, requests } = await waitForLedger(providers.gateway, (rows) =>
    rows.attempts.some((row) => row.request_id === id && row.outcome !== null),
  );
  expect(attempts.filter((row) => row.request_id === id)).toMatchObject([
    { outcome: "ok", input_tokens: 0, output_tokens: 0, cost_nanodollars: 0 },
  ]);
  expect(requests.find((row) => row.id === id)).toMatchObject({ operation: "count-tokens" });
});

test("so it is for a client of Anthropic's: only what counts is said", async () => {
  await counted(33);
  const anthropic = new Anthropic({
    apiKey: providers.gateway.virtualKey,
    baseURL: providers.gateway.url,
    maxRetries: 0,
  });
  const count = await anthropic.messages.countTokens({
    model: "responses/gate-1",
    system: "Be brief.",
    messages: [{ role: "user", content: "Who?" }],
    tools: [{ name: "look", input_schema: { type: "object" } }],
  });
  expect(count).toEqual({ input_tokens: 33 });
  const [call] = await providers.upstream.calls();
  const body = JSON.parse(call?.bodyText ?? "");
  expect(Object.keys(body).sort()).toEqual(["input", "model", "tools"]);
  expect(body).toMatchObject({ model: "gate-1", tools: [{ type: "function", name: "look" }] });
});

test("where the provider has chat completions alone it is an estimate, unless the provider keeps what counts", async () => {
  const { data, response } = await openai.responses.inputTokens
    .count({ model: "groq/gate-1", input: "Who stands at the gate?" })
    .withResponse();
  expect(data.object).toBe("response.input_tokens");
  expect(data.input_tokens).toBeGreaterThan(3);
  expect(response.headers.get("x-gatehouse-estimated")).toBe("true");
  const refused = await openai.responses.inputTokens
    .count({ model: "groq/gate-1", input: "And now?", previous_response_id: "resp_1" })
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  expect(refused).toBeInstanceOf(OpenAI.BadRequestError);
  expect(refused).toMatchObject({ code: "cannot_translate", param: "previous_response_id" });
  expect(await providers.upstream.callCount()).toBe(0);
});

test("a response in the background is refused, since what it costs would never be known", async () => {
  await providers.upstream.scenario("default", responsesAnswer({ text: "A keeper." }));
  const asked = { model: "responses/gate-1", input: "Who?" };
  const refused = await openai.responses.create({ ...asked, background: true }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(refused).toMatchObject({ status: 400, code: "invalid_request", param: "background" });
  expect(await providers.upstream.callCount()).toBe(0);
  expect((await openai.responses.create({ ...asked, background: false })).output_text).toBe("A keeper.");
});
