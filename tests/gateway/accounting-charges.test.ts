import { describe, expect, test } from "bun:test";
import { estimateTokenCount } from "tokenx";
import { readStreamRecording, recordingFolders } from "../upstream/recordings.ts";
import { call, chat, gateway, NO_USAGE, PROMPT, refusal, runAccounted, USAGE, upstream } from "./accounts.ts";
import { metric } from "./numbered-calls.ts";

/** What a call is charged: its usage, its cost and its times. */

runAccounted();

/** The usage of `USAGE`. */
const REPORTED = {
  usage_source: "reported",
  input_tokens: 1036,
  cached_input_tokens: 1024,
  output_tokens: 7,
};

describe("usage", () => {
  test("a whole answer's is as reported, and kept as the provider wrote it", async () => {
    const { attempt, response } = await chat({ model: "replay/priced" });
    expect(attempt).toMatchObject({
      outcome: "ok",
      upstream_status: 200,
      finish_reason: "stop",
      usage_source: "reported",
      input_tokens: 14,
      cached_input_tokens: 0,
      output_tokens: 15,
      reasoning_tokens: 0,
    });
    expect(JSON.parse(attempt.raw_usage ?? "")).toEqual(JSON.parse(response.text).usage);
    expect(attempt.answer_bytes).toBe(Buffer.byteLength(response.text));
  });

  test.each(["per-event", "every-byte", "whole"] as const)(
    "a stream's is as reported, cut %s",
    async (split) => {
      await upstream.scenario("priced", { body: USAGE, split });
      const { attempt } = await chat({
        model: "replay/priced",
        stream: true,
        stream_options: { include_usage: true },
      });
      expect(attempt).toMatchObject({ outcome: "ok", finish_reason: "stop", ...REPORTED });
      const last = readStreamRecording(recordingFolders(), USAGE.recording).at(-1) ?? "";
      expect(JSON.parse(attempt.raw_usage ?? "")).toEqual(JSON.parse(last).usage);
      expect(await metric(gateway, "gatehouse_open_streams")).toBe(0);
      expect(await metric(gateway, "gatehouse_in_flight")).toBe(0);
    },
  );

  test("a stream's without a report is estimated from prompt and output", async () => {
    await upstream.scenario("priced", { body: NO_USAGE });
    const { attempt, sent } = await chat({ model: "replay/priced", stream: true });
    expect(attempt).toMatchObject({ outcome: "ok", usage_source: "estimated", raw_usage: null });
    expect(attempt.input_tokens).toBeGreaterThanOrEqual(estimateTokenCount(PROMPT));
    expect(attempt.input_tokens).toBeLessThanOrEqual(estimateTokenCount(sent));
    // "One, two three." in six pieces.
    expect(attempt.output_tokens).toBe(6);
    expect(attempt.cost_nanodollars).toBe((attempt.input_tokens ?? 0) * 1000 + 6 * 2000);
  });

  test("of /generate is asked for in the client's stead, and told to it", async () => {
    await upstream.scenario("cached", { body: USAGE });
    const { attempt, response } = await call("/generate", {
      model: "replay/cached",
      prompt: PROMPT,
      stream: true,
    });
    const [seen] = await upstream.calls();
    expect(JSON.parse(seen?.bodyText ?? "{}").stream_options).toEqual({ include_usage: true });
    expect(attempt).toMatchObject({ outcome: "ok", ...REPORTED });
    expect(response.text).toContain('"input_tokens":1036');
    expect(response.text).toContain('"cost_usd":0.0003742');
  });

  test("groq reports its in the last event, beside the choices", async () => {
    await upstream.scenario("priced", {
      body: { kind: "stream-recording", recording: "groq/groq-chat-text" },
    });
    const { attempt } = await chat({ model: "replay/priced", stream: true });
    expect(attempt).toMatchObject({ usage_source: "reported", input_tokens: 41, output_tokens: 8 });
    expect(JSON.parse(attempt.raw_usage ?? "")).toMatchObject({ queue_time: 0.012, prompt_tokens: 41 });
  });
});

describe("cost, worked out by hand", () => {
  test.each([
    // 14 x 1,000 + 15 x 2,000 nano-dollars
    ["replay/priced", false, 44_000],
    // (1036 - 1024) x 1,500 + 1024 x 300 + 7 x 7,000
    ["replay/cached", true, 374_200],
    // Cached input without a price of its own costs like any other: 1036 x 1,000 + 7 x 2,000
    ["replay/priced", true, 1_050_000],
    // 29 x 0.5 = 14.5, rounded once, half up
    ["replay/half", false, 15],
    // A cent a request
    ["replay/each", false, 10_000_000],
    ["replay/unpriced", false, null],
  ] as const)("%s, stream %p: %p nano-dollars", async (model, stream, nanos) => {
    await upstream.scenario(model.replace("replay/", ""), stream ? { body: USAGE } : {});
    const { attempt, response } = await chat({ model, stream });
    expect(attempt.cost_nanodollars).toBe(nanos);
    expect(attempt.price_book_version).toMatch(/^genai-prices-.+\+[0-9a-f]{8}$/);
    const header = response.headers.get("x-gatehouse-cost-usd");
    if (stream || nanos === null) expect(header).toBeNull();
    else expect(Math.round(Number(header) * 1e9)).toBe(nanos);
  });

  test("/generate tells it as an exact decimal, and null where there is no price", async () => {
    const priced = await call("/generate", { model: "replay/priced", prompt: PROMPT });
    expect(priced.response.text).toContain('"cost_usd":0.000044,');
    const unpriced = await call("/generate", { model: "replay/unpriced", prompt: PROMPT });
    expect(unpriced.response.text).toContain('"cost_usd":null,');
  });
});

describe("times", () => {
  test.each([true, false])("the first token comes no later than the end (stream %p)", async (stream) => {
    await upstream.scenario("priced", { delayBeforeBodyMs: 80, paceMs: stream ? 15 : 0 });
    const { attempt, request } = await chat({ model: "replay/priced", stream });
    for (const row of [attempt, request]) {
      expect(row.first_token_ms).toBeGreaterThanOrEqual(75);
      expect(row.total_ms).toBeGreaterThanOrEqual(row.first_token_ms ?? Number.POSITIVE_INFINITY);
      expect(row.total_ms).toBeLessThan(5000);
    }
    if (stream) expect((attempt.total_ms ?? 0) - (attempt.first_token_ms ?? 0)).toBeGreaterThan(100);
  });

  test("what fails has no first token", async () => {
    await upstream.scenario("priced", refusal(500, "server_error"));
    const { attempt, request } = await chat({ model: "replay/priced" });
    expect([attempt.first_token_ms, request.first_token_ms]).toEqual([null, null]);
    expect(attempt.total_ms).toBeGreaterThanOrEqual(0);
  });
});

describe("refusals cost nothing and have a class", () => {
  test.each([
    [400, "invalid_type", "caller", "upstream_refused", 400],
    [400, "context_length_exceeded", "context_too_long", "upstream_context_too_long", 400],
    [400, "content_filter", "content_filter", "upstream_content_filter", 400],
    [401, "invalid_api_key", "auth", "upstream_authentication", 502],
    [402, "payment_required", "quota", "upstream_quota", 402],
    [403, "forbidden", "auth", "upstream_authentication", 502],
    [404, "model_not_found", "caller", "upstream_refused", 404],
    [408, "timeout", "timeout", "upstream_timeout", 408],
    [422, "unprocessable", "caller", "upstream_refused", 422],
    [429, "insufficient_quota", "quota", "upstream_quota", 429],
    [429, "rate_limit_exceeded", "rate_limit", "upstream_rate_limit", 429],
    [500, "server_error", "server", "upstream_server", 500],
    [502, "bad_gateway", "server", "upstream_server", 502],
    [503, "unavailable", "overloaded", "upstream_overloaded", 503],
    [504, "gateway_timeout", "timeout", "upstream_timeout", 504],
    [529, "overloaded", "overloaded", "upstream_overloaded", 529],
  ])("%p %s", async (status, code, errorClass, errorCode, given) => {
    const series = `gatehouse_upstream_errors_total{provider="replay",class="${errorClass}"}`;
    const before = (await metric(gateway, series)) ?? 0;
    await upstream.scenario("priced", refusal(status, code));
    for (const stream of [false, true]) {
      const { attempt, request, response } = await chat({ model: "replay/priced", stream });
      expect(response.status).toBe(given);
      expect(attempt).toMatchObject({
        outcome: "failed",
        upstream_status: status,
        error_class: errorClass,
        error_code: errorCode,
        input_tokens: 0,
        output_tokens: 0,
        cost_nanodollars: 0,
      });
      expect(request).toMatchObject({ outcome: "failed", status: given, error_code: errorCode, attempts: 1 });
    }
    expect(await metric(gateway, series)).toBe(before + 2);
  });
});

test("a refused request has no fee of its own either", async () => {
  await upstream.scenario("each", refusal(429, "rate_limit_exceeded"));
  const { attempt } = await chat({ model: "replay/each" });
  expect(attempt).toMatchObject({ outcome: "failed", cost_nanodollars: 0 });
});

test("the tier that served a translated stream is in its row, and in its price", async () => {
  const head = { id: "c", object: "chat.completion.chunk", model: "m", service_tier: "flex" };
  const payload = (delta: object, finish_reason: string | null, usage?: object) =>
    JSON.stringify({ ...head, choices: [{ index: 0, delta, finish_reason }], ...(usage && { usage }) });
  await upstream.scenario("halved", {
    body: {
      kind: "events",
      events: [
        payload({ content: "Hi" }, null),
        payload({}, "stop", { prompt_tokens: 10, completion_tokens: 4 }),
      ],
    },
  });
  for (const stream of [true, false]) {
    if (!stream) await upstream.scenario("halved", { body: wholeAnswer("flex") });
    const { attempt } = await call("/generate", { model: "replay/halved", prompt: PROMPT, stream });
    // Half of 10 x 1,000 + 4 x 2,000
    expect(attempt).toMatchObject({ service_tier: "flex", cost_nanodollars: 9_000 });
  }
});

function wholeAnswer(service_tier: string): { kind: "text"; text: string; contentType: string } {
  const message = { role: "assistant", content: "Hi" };
  const answer = {
    object: "chat.completion",
    service_tier,
    choices: [{ index: 0, message, finish_reason: "stop" }],
    usage: { prompt_tokens: 10, completion_tokens: 4 },
  };
  return { kind: "text", text: JSON.stringify(answer), contentType: "application/json" };
}
