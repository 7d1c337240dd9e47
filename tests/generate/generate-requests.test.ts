import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type GatewayProcess, startGateway } from "../process/gateway-process.ts";
import { configurationFor, UPSTREAM_KEY } from "../process/pair.ts";
import { gateway, object, PROMPT, post, runGenerate, TEXT, upstream } from "./simple-contract.ts";

/** What `POST /generate`, the simple contract, takes and sends on, and what it refuses, exactly as DESIGN.md §5 has it. */

runGenerate();

/** A gateway without default models. */
let bare: GatewayProcess;

beforeAll(async () => {
  bare = await startGateway({
    configuration: configurationFor(upstream.url).replace(
      "providers:\n",
      "providers:\n  demo: { enabled: false }\n",
    ),
  });
});

afterAll(() => bare.dispose());

describe("whom a call goes to", () => {
  const NAMES = [
    { what: "provider and model", body: { provider: "replay", model: "priced" }, model: "priced" },
    { what: "a model with its provider", body: { model: "replay/priced" }, model: "priced" },
    {
      what: "both, the provider twice",
      body: { provider: "replay", model: "replay/priced" },
      model: "priced",
    },
    { what: "the provider only: its default model", body: { provider: "replay" }, model: "priced" },
    { what: "the model only: its one provider", body: { model: "listed" }, model: "listed" },
    { what: "neither: the gateway's default", body: {}, model: "priced" },
    { what: "neither, as null", body: { provider: null, model: null }, model: "priced" },
    { what: "neither, as empty text", body: { provider: "", model: "" }, model: "priced" },
    {
      what: "a model whose own name has a slash",
      body: { provider: "replay", model: "maker/m" },
      model: "maker/m",
    },
  ];
  for (const { what, body, model } of NAMES) {
    test(what, async () => {
      await upstream.clearCalls();
      const answer = await object(await post({ prompt: PROMPT, ...body }));
      expect(answer).toMatchObject({ provider: "replay", model, text: TEXT });
      const [call] = await upstream.calls();
      expect(JSON.parse(call?.bodyText ?? "")).toHaveProperty("model", model);
    });
  }

  test("a provider without a default model, and a gateway without one", async () => {
    for (const body of [{ prompt: PROMPT, provider: "replay" }, { prompt: PROMPT }]) {
      const response = await post(body, bare);
      expect(response.status).toBe(404);
      const { error } = await object(response);
      expect(error).toMatchObject({
        code: "unknown_model",
        field: "model",
        mend: expect.stringContaining("default_model"),
      });
    }
  });
});

describe("what the provider is sent", () => {
  test("system, turns and prompt in this order, with the bounds", async () => {
    await upstream.clearCalls();
    const response = await post({
      provider: "replay",
      model: "priced",
      system: "Be brief.",
      messages: [
        { role: "user", content: "Hello" },
        { role: "assistant", content: "Halt!" },
      ],
      prompt: "Grüße 門 😀",
      max_tokens: 50,
      temperature: 0.5,
      metadata: { user: "ada", team: 7 },
    });
    expect(response.status).toBe(200);
    const [call] = await upstream.calls();
    expect(call?.path).toBe("/v1/chat/completions");
    const { max_tokens, max_completion_tokens, ...body } = JSON.parse(call?.bodyText ?? "");
    expect(max_tokens ?? max_completion_tokens).toBe(50);
    expect(body).toEqual({
      model: "priced",
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Hello" },
        { role: "assistant", content: "Halt!" },
        { role: "user", content: "Grüße 門 😀" },
      ],
      temperature: 0.5,
      user: "ada",
    });
    const authorization = call?.headers.filter(([name]) => name.toLowerCase() === "authorization");
    expect(authorization?.map(([, value]) => value)).toEqual([`Bearer ${UPSTREAM_KEY}`]);
  });

  test("members that are null are as if left out", async () => {
    const optional = [
      "system",
      "messages",
      "max_tokens",
      "temperature",
      "stream",
      "metadata",
      "provider",
      "model",
    ];
    const response = await post({
      prompt: PROMPT,
      ...Object.fromEntries(optional.map((name) => [name, null])),
    });
    expect(response.status).toBe(200);
    expect(await object(response)).toHaveProperty("text", TEXT);
  });
});

describe("an error", () => {
  const BAD: readonly { what: string; body: unknown; status: number; code: string; field?: string }[] = [
    { what: "no prompt", body: {}, status: 400, code: "invalid_request", field: "prompt" },
    { what: "an empty prompt", body: { prompt: "" }, status: 400, code: "invalid_request", field: "prompt" },
    {
      what: "a prompt that is no text",
      body: { prompt: 3 },
      status: 400,
      code: "invalid_request",
      field: "prompt",
    },
    {
      what: "a member misspelled",
      body: { prompt: "x", max_token: 3 },
      status: 400,
      code: "invalid_request",
      field: "max_token",
    },
    {
      what: "a fraction of tokens",
      body: { prompt: "x", max_tokens: 1.5 },
      status: 400,
      code: "invalid_request",
      field: "max_tokens",
    },
    {
      what: "a temperature in words",
      body: { prompt: "x", temperature: "hot" },
      status: 400,
      code: "invalid_request",
      field: "temperature",
    },
    {
      what: "stream in words",
      body: { prompt: "x", stream: "yes" },
      status: 400,
      code: "invalid_request",
      field: "stream",
    },
    {
      what: "a turn without role",
      body: { messages: [{ content: "x" }] },
      status: 400,
      code: "invalid_request",
      field: "messages[0].role",
    },
    {
      what: "a turn without text",
      body: { messages: [{ role: "user", content: [] }] },
      status: 400,
      code: "invalid_request",
      field: "messages[0].content",
    },
    {
      what: "metadata that is no object",
      body: { prompt: "x", metadata: [] },
      status: 400,
      code: "invalid_request",
      field: "metadata",
    },
    {
      what: "an unknown provider",
      body: { prompt: "x", provider: "nobody", model: "m" },
      status: 404,
      code: "unknown_model",
      field: "model",
    },
    {
      what: "an unknown model",
      body: { prompt: "x", model: "nothing" },
      status: 404,
      code: "unknown_model",
      field: "model",
    },
    { what: "a list", body: [], status: 400, code: "invalid_json" },
    { what: "no JSON", body: undefined, status: 400, code: "invalid_json" },
  ];
  for (const { what, body, status, code, field } of BAD) {
    test(what, async () => {
      for (const stream of Array.isArray(body) || typeof body !== "object" || "stream" in (body ?? {})
        ? [false]
        : [false, true]) {
        const response = await post(stream ? { ...Object(body), stream } : body);
        expect(response.status).toBe(status);
        expect(response.headers.get("content-type")).toBe("application/json");
        expect(await object(response)).toEqual({
          error: {
            code,
            message: expect.any(String),
            mend: expect.any(String),
            ...(field === undefined ? {} : { field }),
            request_id: response.headers.get("x-request-id"),
          },
        });
      }
    });
  }

  test("no key", async () => {
    const response = await fetch(`${gateway.url}/generate`, { method: "POST", body: '{"prompt":"x"}' });
    expect(response.status).toBe(401);
    expect(await object(response)).toHaveProperty("error.code", "missing_key");
  });

  test("another method", async () => {
    const response = await fetch(`${gateway.url}/generate`);
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
  });

  test("a provider's refusal is told in our words, with the provider's sentence", async () => {
    const REFUSALS = [
      ["openai/openai-error-400", 400, 400, "upstream_refused"],
      ["openai/openai-error-401", 401, 502, "upstream_authentication"],
      ["openai/openai-error-429", 429, 429, "upstream_rate_limit"],
      ["openai/openai-error-500", 500, 502, "upstream_server"],
    ] as const;
    for (const [recording, status, told, code] of REFUSALS) {
      await upstream.scenario("refuses", {
        status,
        body: { kind: "recording", recording },
        headers: { "retry-after": "9" },
      });
      for (const stream of [false, true]) {
        const response = await post({ prompt: PROMPT, provider: "replay", model: "refuses", stream });
        expect(response.status).toBe(told);
        const { error } = await object(response);
        expect(error).toMatchObject({ code, request_id: response.headers.get("x-request-id") });
        expect(response.headers.get("retry-after")).toBe("9");
      }
    }
  });
});
