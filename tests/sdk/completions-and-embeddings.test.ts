import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import Groq from "groq-sdk";
import OpenAI from "openai";
import { encodeVector } from "../../src/dialects/openai-embeddings/vector.ts";
import { waitForLedger } from "../process/ledger-rows.ts";
import type { Scenario } from "../upstream/client.ts";
import { openaiClient } from "./clients.ts";
import { type OpenAIProviders, startOpenAIProviders } from "./openai-providers.ts";
import { chatAnswer, chatStream, responsesAnswer } from "./provider-answers.ts";

/** OpenAI's SDK speaking legacy completions and embeddings, and Groq's, which puts /openai before its paths. */

let providers: OpenAIProviders;
let openai: OpenAI;

beforeAll(async () => {
  providers = await startOpenAIProviders();
  openai = openaiClient({ url: providers.gateway.url, key: providers.gateway.virtualKey });
});
afterAll(() => providers.dispose());
beforeEach(() => providers.upstream.clearCalls());

const json = (value: object): Scenario => ({ body: { kind: "text", text: JSON.stringify(value) } });
const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
const completion = (text: string, finish_reason: string | null): object => ({
  id: "cmpl-1",
  object: "text_completion",
  created: 1,
  model: "m",
  choices: [{ text, index: 0, logprobs: null, finish_reason }],
});
const whole = json({ ...completion(" upon a time", "stop"), usage });
const streamed: Scenario = {
  body: {
    kind: "events",
    events: [
      completion(" upon", null),
      completion(" a time", "stop"),
      { ...completion("", null), choices: [], usage },
    ].map((event) => JSON.stringify(event)),
  },
};

describe("completions", () => {
  const said = async (model: string, rest: object = {}): Promise<string> => {
    let text = "";
    const params = { model, prompt: "Once", stream: true as const, ...rest };
    for await (const chunk of await openai.completions.create(params)) text += chunk.choices[0]?.text ?? "";
    return text;
  };

  test("passed through", async () => {
    await providers.upstream.scenario("m", whole);
    const answer = await openai.completions.create({ model: "compatible/m", prompt: [1, 2] });
    expect(answer).toMatchObject({ choices: [{ text: " upon a time", finish_reason: "stop" }], usage });
    await providers.upstream.scenario("m", streamed);
    expect(await said("compatible/m")).toBe(" upon a time");
    const calls = await providers.upstream.calls();
    expect(calls.map(({ path }) => path)).toEqual(["/v1/completions", "/v1/completions"]);
    const { attempts } = await waitForLedger(
      providers.gateway,
      (rows) => rows.attempts.filter(({ output_tokens }) => output_tokens === 2).length === 2,
    );
    expect(attempts.every(({ outcome }) => outcome === "ok")).toBe(true);
  });

  test("translated to chat completions, and to responses", async () => {
    await providers.upstream.scenario("m", chatAnswer({ text: " upon a time" }));
    const answer = await openai.completions.create({ model: "groq/m", prompt: "Once", echo: true });
    expect(answer).toMatchObject({ object: "text_completion", choices: [{ text: "Once upon a time" }] });
    expect(answer.usage?.completion_tokens).toBe(9);
    await providers.upstream.scenario("m", responsesAnswer({ text: " upon a time" }));
    const other = await openai.completions.create({ model: "responses/m", prompt: "Once" });
    expect(other.choices[0]?.text).toBe(" upon a time");
    const [first, second] = (await providers.upstream.calls()).map(({ bodyText }) => JSON.parse(bodyText));
    expect(first).toEqual({
      model: "m",
      messages: [{ role: "user", content: "Once" }],
      max_completion_tokens: 16,
    });
    expect(second).toMatchObject({ input: [{ role: "user", content: "Once" }], max_output_tokens: 16 });
  });

  test("translated as a stream", async () => {
    await providers.upstream.scenario("m", chatStream({ text: " upon a time" }));
    expect(await said("groq/m")).toBe(" upon a time");
    expect(await said("groq/m", { echo: true })).toBe("Once upon a time");
  });

  test("what is another request is refused", async () => {
    const call = openai.completions.create({ model: "groq/m", prompt: ["a", "b"] });
    const error = await rejection(call);
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ code: "cannot_translate", param: "prompt" });
    expect(await providers.upstream.callCount()).toBe(0);
  });
});

describe("embeddings", () => {
  const vectors = [
    [0.5, -1.25, 3],
    [1, 2, 4],
  ];
  const list = (embeddings: readonly unknown[]): Scenario =>
    json({
      object: "list",
      model: "m",
      data: embeddings.map((embedding, index) => ({ object: "embedding", index, embedding })),
      usage: { prompt_tokens: 6, total_tokens: 6 },
    });

  test("the SDK's own default is base64", async () => {
    await providers.upstream.scenario("m", list(vectors.map(encodeVector)));
    const answer = await openai.embeddings.create({ model: "compatible/m", input: ["a", "b"] });
    expect(answer.data.map(({ embedding }) => [...embedding])).toEqual(vectors);
    expect(answer.usage).toEqual({ prompt_tokens: 6, total_tokens: 6 });
    const [call] = await providers.upstream.calls();
    expect(call?.path).toBe("/v1/embeddings");
    expect(JSON.parse(call?.bodyText ?? "")).toEqual({
      model: "m",
      input: ["a", "b"],
      encoding_format: "base64",
    });
    const { attempts, requests } = await waitForLedger(providers.gateway, (rows) =>
      rows.attempts.some(({ input_tokens }) => input_tokens === 6),
    );
    expect(attempts.find(({ input_tokens }) => input_tokens === 6)).toMatchObject({
      output_tokens: 0,
      outcome: "ok",
    });
    expect(requests.some(({ operation }) => operation === "embedding")).toBe(true);
  });

  test("numbers where they are asked for, and token ids go through", async () => {
    await providers.upstream.scenario("m", list(vectors));
    const answer = await openai.embeddings.create({
      model: "compatible/m",
      input: [1, 2, 3],
      encoding_format: "float",
    });
    expect(answer.data[1]?.embedding).toEqual([1, 2, 4]);
  });

  test("groq-sdk", async () => {
    await providers.upstream.scenario("m", list(vectors));
    const groq = new Groq({
      apiKey: providers.gateway.virtualKey,
      baseURL: providers.gateway.url,
      maxRetries: 0,
    });
    const answer = await groq.embeddings.create({
      model: "compatible/m",
      input: "a",
      encoding_format: "float",
    });
    expect(answer.data).toHaveLength(2);
  });

  test("a provider without them, and an answer that holds none", async () => {
    const call = openai.embeddings.create({ model: "groq/m", input: "a" });
    expect(await rejection(call)).toBeInstanceOf(OpenAI.NotFoundError);
    await providers.upstream.scenario("m", json({ object: "list", data: [] }));
    const empty = await rejection(openai.embeddings.create({ model: "compatible/m", input: "a" }));
    expect(empty).toMatchObject({ status: 502, code: "upstream_invalid_answer" });
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
