import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { estimateTokenCount } from "tokenx";
import type { AttemptRow, RequestRow } from "../../src/storage/schema.ts";
import { type GatewayProcess, startGateway, waitUntil } from "../process/gateway-process.ts";
import { readLedger, waitForLedger } from "../process/ledger-rows.ts";
import { UPSTREAM_KEY } from "../process/pair.ts";
import { type ReplayServer, refusedPort, type Scenario, startReplayServer } from "../upstream/client.ts";
import { readStreamRecording, recordingFolders } from "../upstream/recordings.ts";
import { metric } from "./numbered-calls.ts";

/** What a call leaves behind: its rows, the metrics, the usage report and the log. */

setDefaultTimeout(20_000);

const USAGE = { kind: "stream-recording", recording: "openai/openai-chat-usage" } as const;
const NO_USAGE = { kind: "stream-recording", recording: "openai/openai-chat-no-usage" } as const;
/** The usage of `USAGE`. */
const REPORTED = {
  usage_source: "reported",
  input_tokens: 1036,
  cached_input_tokens: 1024,
  output_tokens: 7,
};
const PROMPT = "Who goes there, at this hour, and with whose leave? ".repeat(8);

let upstream: ReplayServer;
let gateway: GatewayProcess;

beforeAll(async () => {
  upstream = await startReplayServer();
  gateway = await startGateway({ configuration: configuration(await refusedPort()) });
});
beforeEach(async () => {
  await upstream.clearScenarios();
  await upstream.clearCalls();
});
afterAll(async () => {
  await gateway.dispose();
  await upstream.stop();
});

function configuration(gonePort: number): string {
  const provider = (name: string, url: string, more = "") =>
    `  ${name}: { dialect: openai-chat, base_url: "${url}/v1", key: ${UPSTREAM_KEY}${more} }`;
  return [
    "providers:",
    provider("replay", upstream.url),
    provider("gone", `http://127.0.0.1:${gonePort}`),
    provider("slow", upstream.url, ", timeouts: { first_byte_ms: 300, between_bytes_ms: 300 }"),
    "routes:",
    "  spare: { strategy: priority, targets: [replay/broken, replay/priced] }",
    "prices:",
    "  replay/priced: { input: 1, output: 2 }",
    "  replay/cached: { input: 1.5, cached_input: 0.3, output: 7 }",
    "  replay/half: { input: 0.0005, output: 0.0005 }",
    "  replay/each: { input: 0, output: 0, per_request: 0.01 }",
    "  replay/halved: { input: 1, output: 2, service_tiers: { flex: { factor: 0.5 } } }",
    "  gone/priced: { input: 1, output: 2 }",
    "  slow/priced: { input: 1, output: 2 }",
    "log: { content_of_projects: [diary] }",
    "",
  ].join("\n");
}

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

describe("what never was an answer", () => {
  test("a refused port: network, tried once more, nothing charged", async () => {
    const { attempt, request } = await chat({ model: "gone/priced" });
    expect(attempt).toMatchObject({
      outcome: "failed",
      upstream_status: null,
      error_class: "network",
      error_code: "upstream_unreachable",
      input_tokens: 0,
      cost_nanodollars: 0,
    });
    expect(request).toMatchObject({ status: 502, attempts: 2 });
  });

  test("no first byte in time: the prompt is charged", async () => {
    await upstream.scenario("priced", { fault: { kind: "hang-before-headers" } });
    const { attempt, request } = await chat({ model: "slow/priced" });
    expect(attempt).toMatchObject({
      outcome: "failed",
      upstream_status: null,
      error_class: "timeout",
      error_code: "upstream_timeout",
      usage_source: "estimated",
      output_tokens: 0,
    });
    expect(attempt.input_tokens).toBeGreaterThan(50);
    expect(attempt.cost_nanodollars).toBe((attempt.input_tokens ?? 0) * 1000);
    expect(request.status).toBe(504);
  });

  test.each([
    [{ kind: "hang-mid-stream", afterEvents: 4 }, "slow/priced", "timeout", "upstream_timeout", 3],
    [{ kind: "end-early", bytes: 1100 }, "replay/priced", "network", "upstream_interrupted", 2],
    [{ kind: "error-mid-stream", afterEvents: 4 }, "replay/priced", "server", "upstream_server", 3],
  ] as const)("broken off: %j charges what was delivered", async (fault, model, errorClass, code, tokens) => {
    await upstream.scenario("priced", { body: NO_USAGE, paceMs: 15, fault });
    const { attempt, request } = await chat({ model, stream: true });
    expect(attempt).toMatchObject({ outcome: "failed", upstream_status: 200, error_class: errorClass });
    expect(attempt).toMatchObject({ error_code: code, usage_source: "estimated", output_tokens: tokens });
    expect(attempt.cost_nanodollars).toBe((attempt.input_tokens ?? 0) * 1000 + tokens * 2000);
    expect(request).toMatchObject({ outcome: "failed", status: 200, error_code: code });
  });

  test("a 200 that is no chat completion", async () => {
    await upstream.scenario("priced", {
      body: { kind: "text", text: "<html></html>", contentType: "text/html" },
    });
    const { attempt, request } = await chat({ model: "replay/priced" });
    expect(attempt).toMatchObject({
      outcome: "failed",
      upstream_status: 200,
      error_class: "invalid_answer",
      error_code: "upstream_invalid_answer",
    });
    expect(request.status).toBe(502);
  });
});

describe("the request's row", () => {
  test("says who asked for what, and how it went", async () => {
    const { attempt, request, response } = await chat({ model: "replay/priced", stream: true, user: "ada" });
    expect(request).toMatchObject({
      id: response.headers.get("x-request-id"),
      project: "default",
      dialect: "openai-chat",
      operation: "chat",
      requested_model: "replay/priced",
      stream: 1,
      end_user: "ada",
      outcome: "ok",
      status: 200,
      error_code: null,
      attempts: 1,
    });
    expect(attempt).toMatchObject({
      request_id: request.id,
      ordinal: 1,
      provider: "replay",
      model: "priced",
      project: request.project,
      key_id: request.key_id,
    });
    const generated = await call("/generate", {
      model: "replay/priced",
      prompt: PROMPT,
      metadata: { user: "eve" },
    });
    expect(generated.request).toMatchObject({ dialect: "generate", stream: 0, end_user: "eve" });
  });

  test("a second target makes a second attempt of the same request", async () => {
    await upstream.scenario("broken", refusal(500, "server_error"));
    const { attempts, request, response } = await chat({ model: "spare" });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-gatehouse-attempts")).toBe("2");
    expect(response.headers.get("x-gatehouse-cost-usd")).toBe("0.000044");
    expect(attempts.map(({ ordinal, model, outcome }) => [ordinal, model, outcome])).toEqual([
      [1, "broken", "failed"],
      [2, "priced", "ok"],
    ]);
    expect(request).toMatchObject({ requested_model: "spare", outcome: "ok", status: 200, attempts: 2 });
  });

  test.each([
    ["a model that nobody serves", { model: "nobody/nothing" }, 404, "unknown_model"],
    ["a request without messages", { model: "replay/priced", messages: undefined }, 400, "invalid_request"],
  ])("%s: no attempt", async (_what, members, status, code) => {
    const { attempts, request } = await chat(members);
    expect(attempts).toEqual([]);
    expect(request).toMatchObject({ outcome: "failed", status, error_code: code, attempts: 0 });
  });
});

describe("reports", () => {
  let own: GatewayProcess;

  beforeAll(async () => {
    await upstream.clearScenarios();
    await upstream.scenarios({ cached: { body: USAGE }, broken: refusal(503, "unavailable") });
    own = await startGateway({ configuration: configuration(await refusedPort()) });
    for (const model of ["replay/priced", "replay/priced", "replay/unpriced", "replay/broken"]) {
      await chat({ model }, own);
    }
    await chat({ model: "replay/cached", stream: true }, own);
    await chat({ model: "gone/priced" }, own);
  });
  afterAll(() => own.dispose());

  test("/metrics counts calls, tokens, cost and errors", async () => {
    const expected = {
      'gatehouse_requests_total{dialect="openai-chat",outcome="ok"}': 4,
      'gatehouse_requests_total{dialect="openai-chat",outcome="failed"}': 2,
      'gatehouse_attempts_total{provider="replay",model="priced",outcome="ok"}': 2,
      'gatehouse_attempts_total{provider="replay",model="broken",outcome="failed"}': 1,
      'gatehouse_tokens_total{provider="replay",model="priced",kind="input"}': 28,
      'gatehouse_tokens_total{provider="replay",model="priced",kind="output"}': 30,
      'gatehouse_tokens_total{provider="replay",model="cached",kind="cached"}': 1024,
      'gatehouse_cost_usd_total{provider="replay",model="priced"}': 0.000088,
      'gatehouse_cost_usd_total{provider="replay",model="cached"}': 0.0003742,
      'gatehouse_upstream_errors_total{provider="replay",class="overloaded"}': 1,
      'gatehouse_upstream_errors_total{provider="gone",class="network"}': 2,
      'gatehouse_errors_total{code="upstream_overloaded"}': 1,
      'gatehouse_errors_total{code="upstream_unreachable"}': 1,
      'gatehouse_upstream_in_flight{provider="replay"}': 0,
      gatehouse_in_flight: 0,
      gatehouse_open_streams: 0,
    };
    for (const [series, value] of Object.entries(expected)) {
      expect({ series, value: await metric(own, series) }).toEqual({ series, value });
    }
  });

  test("`gatehouse usage --json` has exactly what the rows have", async () => {
    const { stdout } = await own.command("usage", "--json", "--by", "provider,model");
    const { data, total } = JSON.parse(stdout);
    const short = data.map((line: Record<string, unknown>) => [
      line["provider"],
      line["model"],
      line["calls"],
      line["errors"],
      line["input_tokens"],
      line["cached_input_tokens"],
      line["output_tokens"],
      line["cost_usd"],
      line["unpriced"],
    ]);
    expect(short.toSorted()).toEqual([
      ["gone", "priced", 2, 2, 0, 0, 0, "0", 0],
      ["replay", "broken", 1, 1, 0, 0, 0, expect.any(String), 1],
      ["replay", "cached", 1, 0, 1036, 1024, 7, "0.0003742", 0],
      ["replay", "priced", 2, 0, 28, 0, 30, "0.000088", 0],
      ["replay", "unpriced", 1, 0, 14, 0, 15, "0", 1],
    ]);
    expect(total).toMatchObject({ calls: 7, errors: 3, input_tokens: 1078, cost_usd: "0.0004622" });
    expect(total.total_ms.p50).toBeLessThanOrEqual(total.total_ms.p95);
    expect(total.first_token_ms.p50).toBeLessThanOrEqual(total.total_ms.p95);
  });

  test("the administration's page says the same", async () => {
    const headers = { authorization: `Bearer ${own.adminKey}` };
    const answer = await fetch(`${own.url}/admin/v1/usage?by=provider`, { headers });
    expect(await answer.json()).toMatchObject({
      data: [
        { provider: "replay", calls: 5, cost_usd: "0.0004622" },
        { provider: "gone", calls: 2, cost_usd: "0" },
      ],
      total: { calls: 7, errors: 3, cost_usd: "0.0004622" },
    });
  });

  test("the table has a line for each group, dearest first, and a total", async () => {
    const { stdout } = await own.command("usage", "--by", "model,project");
    const lines = stdout.trimEnd().split("\n");
    const cells = lines.map((line) => line.trim().split(/ {2,}/));
    expect(cells[0]?.slice(0, 7)).toEqual(["model", "project", "calls", "errors", "in", "cached", "out"]);
    expect(cells[1]?.slice(0, 9)).toEqual([
      "cached",
      "default",
      "1",
      "0",
      "1036",
      "1024",
      "7",
      "0.000374",
      "0",
    ]);
    expect(cells.at(-1)?.slice(0, 7)).toEqual(["total", "7", "3", "1078", "1024", "52", "0.000462"]);
  });

  test("the csv has exact costs and only lines of data", async () => {
    const { stdout } = await own.command("usage", "--csv", "--by", "model", "--provider", "replay");
    const lines = stdout.split("\r\n");
    const names = lines[0]?.split(",") ?? [];
    const cached = Object.fromEntries(lines[1]?.split(",").map((cell, index) => [names[index], cell]) ?? []);
    expect(cached).toMatchObject({
      model: "cached",
      calls: "1",
      errors: "0",
      input_tokens: "1036",
      cached_input_tokens: "1024",
      output_tokens: "7",
      cost_usd: "0.0003742",
      unpriced: "0",
      total_ms_p95: expect.stringMatching(/^\d+$/),
    });
    expect(lines).toHaveLength(6);
    expect(lines.at(-1)).toBe("");
  });
});

describe("the log", () => {
  test.each([
    ["/v1/chat/completions", false],
    ["/v1/chat/completions", true],
    ["/generate", false],
    ["/generate", true],
  ] as const)(
    "holds prompt and answer of a project that asks for it (%s, stream %p)",
    async (path, stream) => {
      const diary = await keyFor("diary");
      const answer = await post(
        path,
        bodyFor(path, stream, "Dear diary, the word is foxglove."),
        gateway,
        diary,
      );
      const line = await logLine(answer.headers.get("x-request-id"));
      expect(line).toMatchObject({ msg: "call", outcome: "ok" });
      expect(JSON.stringify(line)).toContain("the word is foxglove");
      // A stream comes in pieces; each is there.
      for (const word of ["house", "entrance", "passes"]) expect(JSON.stringify(line)).toContain(word);
    },
  );

  test("holds neither of any other project", async () => {
    for (const path of ["/v1/chat/completions", "/generate"] as const) {
      for (const stream of [false, true]) {
        const answer = await post(path, bodyFor(path, stream, "The word is nightshade."), gateway);
        const line = await logLine(answer.headers.get("x-request-id"));
        expect(line).toMatchObject({ msg: "call", input_tokens: 14, output_tokens: 15 });
        expect(line).not.toHaveProperty("content");
      }
    }
    expect(gateway.log()).not.toContain("nightshade");
  });

  test("has one line for a call, with what the rows have", async () => {
    const { response } = await chat({ model: "replay/priced" });
    const id = response.headers.get("x-request-id");
    expect(await logLine(id)).toMatchObject({
      request_id: id,
      project: "default",
      target: "replay/priced",
      status: 200,
      attempts: 1,
      usage: "reported",
      cost_usd: "0.000044",
    });
    expect(
      gateway
        .log()
        .split("\n")
        .filter((line) => line.includes(id ?? "?")),
    ).toHaveLength(1);
  });
});

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

interface Accounts {
  readonly attempts: readonly AttemptRow[];
  /** The last of them. */
  readonly attempt: AttemptRow;
  readonly request: RequestRow;
  readonly response: Answer;
  /** The request's body. */
  readonly sent: string;
}

function refusal(status: number, code: string): Scenario {
  const text = JSON.stringify({ error: { message: "No.", type: "some_error", param: null, code } });
  return { status, body: { kind: "text", text, contentType: "application/json" } };
}

function chat(members: object, to = gateway): Promise<Accounts> {
  return call("/v1/chat/completions", { messages: [{ role: "user", content: PROMPT }], ...members }, to);
}

/** Makes a call, reads its answer to the end, and waits for its rows. */
async function call(path: string, body: object, to = gateway): Promise<Accounts> {
  const response = await post(path, body, to);
  const id = response.headers.get("x-request-id");
  await waitForLedger(to, ({ requests }) => requests.some((row) => row.id === id && row.outcome !== null));
  const rows = readLedger(to);
  const request = rows.requests.find((row) => row.id === id);
  const attempts = rows.attempts.filter((row) => row.request_id === id);
  if (request === undefined) throw new Error("no row");
  return {
    attempts,
    get attempt() {
      const last = attempts.at(-1);
      if (last === undefined) throw new Error(`no attempt: ${response.text}`);
      return last;
    },
    request,
    response,
    sent: JSON.stringify(body),
  };
}

async function post(path: string, body: object, to: GatewayProcess, key = to.virtualKey): Promise<Answer> {
  const answer = await fetch(to.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

function bodyFor(path: "/v1/chat/completions" | "/generate", stream: boolean, prompt: string): object {
  return path === "/generate"
    ? { model: "replay/priced", stream, prompt }
    : { model: "replay/priced", stream, messages: [{ role: "user", content: prompt }] };
}

async function keyFor(project: string): Promise<string> {
  const answer = await fetch(`${gateway.url}/admin/v1/keys`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${gateway.adminKey}` },
    body: JSON.stringify({ project, name: crypto.randomUUID() }),
  });
  return ((await answer.json()) as { key: string }).key;
}

/** The line of a call, once it has been written. */
async function logLine(id: string | null): Promise<Record<string, unknown>> {
  const find = () =>
    gateway
      .log()
      .split("\n")
      .slice(0, -1)
      .find((line) => line.includes(id ?? "?"));
  await waitUntil(() => find() !== undefined, 3000, "the log's line");
  return JSON.parse(find() ?? "{}");
}
