import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type GatewayProcess, startGateway } from "../process/gateway-process.ts";
import { waitForLedger } from "../process/ledger-rows.ts";
import { configurationFor, UPSTREAM_KEY } from "../process/pair.ts";
import { payloadsOf, wholeText } from "../sdk/chat-recordings.ts";
import { type ReplayServer, startReplayServer } from "../upstream/client.ts";

/** `POST /generate`, the simple contract, exactly as DESIGN.md §5 has it, driven as an existing client does. */

const PROMPT = "Who stands at the gate?";
/** The sample's usage, 14 in and 15 out, at 1 and 2 dollars for a million. */
const COST_USD = 0.000044;
const SAMPLE = JSON.parse(wholeText("openai/openai-chat-text"));
const TEXT: string = SAMPLE.choices[0].message.content;

let upstream: ReplayServer;
let gateway: GatewayProcess;
let bare: GatewayProcess;

beforeAll(async () => {
  upstream = await startReplayServer();
  const configuration = configurationFor(upstream.url);
  const named = configuration.replace(
    `key: ${UPSTREAM_KEY}\n`,
    `key: ${UPSTREAM_KEY}\n    models: [priced, listed]\n    default_model: priced\n`,
  );
  gateway = await startGateway({ configuration: `default_model: replay/priced\n${named}` });
  bare = await startGateway({
    configuration: configuration.replace("providers:\n", "providers:\n  demo: { enabled: false }\n"),
  });
});

afterAll(async () => {
  await bare.dispose();
  await gateway.dispose();
  await upstream.stop();
});

describe("a whole answer", () => {
  test("an httpx client's call, and the answer field by field", async () => {
    // httpx.post(f"{URL}/generate", json={"prompt": …, "provider": …, "model": …}, headers=…).json()
    const response = await fetch(`${gateway.url}/generate`, {
      method: "POST",
      headers: {
        accept: "*/*",
        "accept-encoding": "gzip, deflate",
        connection: "keep-alive",
        "user-agent": "python-httpx/0.28.1",
        "content-type": "application/json",
        authorization: `Bearer ${gateway.virtualKey}`,
      },
      body: `{"prompt":"${PROMPT}","provider":"replay","model":"priced"}`,
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("content-encoding")).toBeNull();
    const answer = await object(response);
    expect(Object.keys(answer)).toEqual([
      "id",
      "text",
      "provider",
      "model",
      "finish_reason",
      "usage",
      "cost_usd",
      "latency_ms",
      "attempts",
    ]);
    expect(answer).toEqual({
      id: expect.stringMatching(/^req_[0-9a-f-]{36}$/),
      text: TEXT,
      provider: "replay",
      model: "priced",
      finish_reason: "stop",
      usage: {
        input_tokens: 14,
        cached_input_tokens: 0,
        output_tokens: 15,
        reasoning_tokens: 0,
        estimated: false,
      },
      cost_usd: COST_USD,
      latency_ms: expect.any(Number),
      attempts: 1,
    });
    expect(answer["id"]).toBe(response.headers.get("x-request-id"));
    expect(answer["latency_ms"]).toBeInteger();
    expect(response.headers.get("x-gatehouse-target")).toBe("replay/priced");
    expect(response.headers.get("x-gatehouse-attempts")).toBe("1");
    expect(response.headers.get("x-gatehouse-cost-usd")).toBe("0.000044");
  });

  test("the ledger has the same", async () => {
    const answer = await object(
      await post({ prompt: PROMPT, provider: "replay", model: "priced", metadata: { user: "ada" } }),
    );
    const { attempts, requests } = await waitForLedger(
      gateway,
      (rows) =>
        rows.attempts.some((row) => row.request_id === answer["id"] && row.outcome !== null) &&
        rows.requests.some((row) => row.id === answer["id"] && row.outcome !== null),
    );
    expect(attempts.find((row) => row.request_id === answer["id"])).toMatchObject({
      outcome: "ok",
      provider: "replay",
      model: "priced",
      input_tokens: 14,
      output_tokens: 15,
      usage_source: "reported",
      cost_nanodollars: 44_000,
      finish_reason: "stop",
    });
    expect(requests.find((row) => row.id === answer["id"])).toMatchObject({
      dialect: "generate",
      outcome: "ok",
      status: 200,
      end_user: "ada",
      stream: 0,
    });
  });

  test("a model without a price costs null, and says no cost in a header", async () => {
    const response = await post({ prompt: PROMPT, provider: "replay", model: "unpriced" });
    expect(response.headers.get("x-gatehouse-cost-usd")).toBeNull();
    expect(await object(response)).toHaveProperty("cost_usd", null);
  });

  test("usage that the provider did not report is estimated, and says so", async () => {
    const { usage: _, ...silent } = SAMPLE;
    await upstream.scenario("silent", { body: { kind: "text", text: JSON.stringify(silent) } });
    const answer = await object(await post({ prompt: PROMPT, provider: "replay", model: "silent" }));
    expect(answer).toHaveProperty("usage.estimated", true);
    expect(answer).toHaveProperty("usage.output_tokens", Math.ceil(TEXT.length / 4));
  });

  test("finish reasons and a refusal in words", async () => {
    for (const [raw, told] of [
      ["stop", "stop"],
      ["length", "length"],
      ["tool_calls", "tool_calls"],
      ["content_filter", "content_filter"],
      ["x_new", "other"],
    ]) {
      const text = JSON.stringify({ ...SAMPLE, choices: [{ ...SAMPLE.choices[0], finish_reason: raw }] });
      await upstream.scenario("finish", { body: { kind: "text", text } });
      const answer = await object(await post({ prompt: PROMPT, provider: "replay", model: "finish" }));
      expect(answer["finish_reason"]).toBe(told);
    }
  });
});

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

describe("a stream", () => {
  test("deltas with text, then the whole answer once", async () => {
    const response = await post({ prompt: PROMPT, provider: "replay", model: "priced", stream: true });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(response.headers.get("x-gatehouse-target")).toBe("replay/priced");
    const events = eventsOf(await response.text());
    const deltas = events.slice(0, -1);
    expect(deltas.every(({ event }) => event === "delta")).toBe(true);
    expect(deltas.every(({ data }) => Object.keys(data).join() === "text" && data["text"] !== "")).toBe(true);
    expect(deltas.map(({ data }) => data["text"]).join("")).toBe(TEXT);
    expect(deltas.length).toBe(
      payloadsOf("openai/openai-chat-text").filter(
        (payload) => (JSON.parse(payload).choices[0]?.delta.content ?? "") !== "",
      ).length,
    );
    expect(events.at(-1)).toEqual({
      event: "done",
      data: {
        id: response.headers.get("x-request-id"),
        text: TEXT,
        provider: "replay",
        model: "priced",
        finish_reason: "stop",
        usage: {
          input_tokens: 14,
          cached_input_tokens: 0,
          output_tokens: 15,
          reasoning_tokens: 0,
          estimated: false,
        },
        cost_usd: COST_USD,
        latency_ms: expect.any(Number),
        attempts: 1,
      },
    });
  });

  test("the provider is asked for its usage", async () => {
    await upstream.clearCalls();
    await (await post({ prompt: PROMPT, provider: "replay", model: "priced", stream: true })).text();
    const [call] = await upstream.calls();
    expect(JSON.parse(call?.bodyText ?? "")).toMatchObject({
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  test("the same text however packets are cut", async () => {
    const recording = "openai/openai-chat-non-ascii";
    const whole: string = JSON.parse(wholeText(recording)).choices[0].message.content;
    for (const split of ["every-byte", "inside-utf8", "two-per-packet", "whole"] as const) {
      for (const newline of ["lf", "crlf", "cr"] as const) {
        await upstream.scenario("cut", { body: { kind: "stream-recording", recording, newline }, split });
        const response = await post({ prompt: PROMPT, provider: "replay", model: "cut", stream: true });
        const events = eventsOf(await response.text());
        expect(
          events
            .slice(0, -1)
            .map(({ data }) => data["text"])
            .join(""),
        ).toBe(whole);
        expect(events.at(-1)).toMatchObject({ event: "done", data: { text: whole } });
      }
    }
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

function post(body: unknown, to: GatewayProcess = gateway): Promise<Response> {
  return fetch(`${to.url}/generate`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${to.virtualKey}` },
    body: JSON.stringify(body) ?? "{",
  });
}

async function object(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>;
}

interface GivenEvent {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

function eventsOf(text: string): readonly GivenEvent[] {
  expect(text.endsWith("\n\n")).toBe(true);
  return text
    .slice(0, -2)
    .split("\n\n")
    .map((block) => {
      const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
      if (event === undefined || data === undefined) throw new Error(`no event: ${block}`);
      return { event, data: JSON.parse(data) };
    });
}
