import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CommandResult, runGatehouse } from "../process/gateway-process.ts";
import { type ReplayServer, startReplayServer } from "../upstream/client.ts";
import type { Scenario } from "../upstream/scenario.ts";

setDefaultTimeout(30_000);

let upstream: ReplayServer;
let folder: string;

beforeAll(async () => {
  upstream = await startReplayServer();
});
beforeEach(async () => {
  await upstream.clearScenarios();
  await upstream.clearCalls();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  folder = mkdtempSync(join(tmpdir(), "gatehouse-check-"));
});
afterAll(async () => {
  await upstream.stop();
  rmSync(folder, { recursive: true, force: true });
});

const KEY = "sk-check-secret-0123456789";
const USAGE = { prompt_tokens: 20, completion_tokens: 5, total_tokens: 25 };

function completion(message: object, usage: object | undefined = USAGE, finish = "stop"): Scenario {
  const choice = { index: 0, message: { role: "assistant", ...message }, finish_reason: finish };
  const body = { id: "c1", object: "chat.completion", created: 1, model: "m", choices: [choice], usage };
  return { body: { kind: "text", text: JSON.stringify(body) } };
}

function error(status: number, code: string, message = code): Scenario {
  const body = JSON.stringify({ error: { message, type: "invalid_request_error", code } });
  return { status, body: { kind: "text", text: body } };
}

function chunk(delta: object, finish: string | null = null, usage?: object): string {
  const choices = [{ index: 0, delta, finish_reason: finish }];
  return JSON.stringify({
    id: "c1",
    object: "chat.completion.chunk",
    model: "m",
    choices,
    ...(usage && { usage }),
  });
}

const GOOD_STREAM: Scenario = {
  body: {
    kind: "events",
    events: [chunk({ role: "assistant", content: "1, " }), chunk({ content: "2" }), chunk({}, "stop", USAGE)],
    terminal: true,
  },
};

const CALL = {
  content: null,
  tool_calls: [
    { id: "call_1", type: "function", function: { name: "get_weather", arguments: '{"city":"Paris"}' } },
  ],
};

/** What a provider that keeps its promises answers to each probe, in their order. */
const GOOD = {
  authentication: completion({ content: "ready" }),
  wrongKey: error(401, "invalid_api_key", "Incorrect API key provided"),
  answer: completion({ content: "Paris" }),
  stream: GOOD_STREAM,
  toolCall: completion(CALL, USAGE, "tool_calls"),
  toolResult: completion({ content: "It is sunny." }),
  structured: completion({ content: '{"city":"Paris","rivers":1}' }),
  image: completion({ content: "Red." }),
  reasoning: completion(
    { content: "0.05", reasoning_content: "Let x be the ball." },
    { ...USAGE, completion_tokens: 40, completion_tokens_details: { reasoning_tokens: 30 } },
  ),
  parameters: completion({ content: "ready" }),
  longInput: error(400, "context_length_exceeded", "This model's maximum context length is 1000 tokens."),
} as const satisfies { readonly [step: string]: Scenario };

const UNKNOWN_MODEL = "gatehouse-check-no-such-model";

async function answers(steps: readonly Scenario[]): Promise<void> {
  await upstream.scenarios({
    good: steps,
    [UNKNOWN_MODEL]: error(404, "model_not_found", "The model does not exist"),
    "/v1/models": { body: { kind: "text", text: '{"object":"list","data":[{"id":"good"},{"id":"other"}]}' } },
  });
}

function configuration(more = "", price = "{ input: 0.1, output: 0.2 }"): string {
  return [
    "# my own remark",
    "providers:",
    "  replay:   # the one to check",
    "    dialect: openai-chat",
    `    base_url: ${upstream.url}/v1`,
    `    key: ${KEY}`,
    "    models: [{ name: good, context_window: 1000 }]",
    more,
    ...(price === "" ? [] : [`prices: { replay/good: ${price} }`]),
    "",
  ].join("\n");
}

function check(text: string, ...options: readonly string[]): Promise<CommandResult> {
  writeFileSync(join(folder, "gatehouse.yaml"), text, { mode: 0o640 });
  return runGatehouse(["check", "replay", ...options], {}, folder);
}

interface Report {
  readonly results: readonly { readonly name: string; readonly status: string; readonly said: string }[];
  readonly counts: Record<string, number>;
  readonly lacks: readonly string[];
  readonly costUsd: string | null;
  readonly written: string | null;
}

function statuses({ stdout }: CommandResult): Record<string, string> {
  const { results }: Report = JSON.parse(stdout);
  return Object.fromEntries(results.map(({ name, status }) => [name, status]));
}

const ALL_PASSED = {
  authentication: "pass",
  "model list": "pass",
  answer: "pass",
  stream: "pass",
  tools: "pass",
  "structured output": "pass",
  image: "pass",
  reasoning: "pass",
  parameters: "pass",
  "long input": "pass",
  "error shapes": "pass",
};

describe("a provider that keeps its promises", () => {
  test("passes, with latency and cost by the price book, and its key shown nowhere", async () => {
    await answers(Object.values(GOOD));
    const result = await check(configuration());
    expect(result.stderr).toMatch(/^The check costs at most \$0\.00\d+\.\n$/);
    expect(result.stdout).toContain(`replay/good  ${upstream.url}  (openai-chat, `);
    expect(result.stdout).toMatch(
      / {2}pass {9}stream {13}first token after \d+ ms, complete, usage reported/,
    );
    expect(result.stdout).toMatch(/11 passed, 0 failed, 0 not offered, 0 skipped; cost \$0\.0000\d+\.\n$/);
    expect(result.exitCode).toBe(0);
    expect(result.stdout + result.stderr).not.toContain(KEY);
  });

  test("is asked as the gateway asks: its key, its own model, the tool's result of the call", async () => {
    await answers(Object.values(GOOD));
    const result = await check(configuration(), "--json");
    expect(statuses(result)).toEqual(ALL_PASSED);
    const calls = await upstream.calls();
    expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
      ...Array(2).fill("POST /v1/chat/completions"),
      "GET /v1/models",
      ...Array(10).fill("POST /v1/chat/completions"),
    ]);
    const keyOf = (call: (typeof calls)[number] | undefined) =>
      call?.headers.find(([name]) => name.toLowerCase() === "authorization")?.[1];
    expect(keyOf(calls[0])).toBe(`Bearer ${KEY}`);
    expect(keyOf(calls[1])).toBe("Bearer gatehouse-check-wrong-key");
    expect(keyOf(calls[2])).toBe(`Bearer ${KEY}`);
    const followUp = JSON.parse(calls[6]?.bodyText ?? "{}");
    expect(followUp.messages.slice(1)).toEqual([
      { role: "assistant", content: null, tool_calls: CALL.tool_calls },
      { role: "tool", tool_call_id: "call_1", content: "18 degrees, sunny" },
    ]);
    expect(JSON.parse(calls[4]?.bodyText ?? "{}")).toMatchObject({
      model: "good",
      stream: true,
      stream_options: { include_usage: true },
    });
  });
});

describe("a broken promise", () => {
  const withoutTools = {
    ...GOOD,
    toolCall: error(400, "unsupported", "`tools` is not supported by this model"),
  };

  /** The second call of the round trip is never made. */
  function stepsWithoutTools(): readonly Scenario[] {
    const { toolResult: _unasked, ...steps } = withoutTools;
    return Object.values(steps);
  }

  test("fails the command and says which, and what could be noted", async () => {
    await answers(stepsWithoutTools());
    const result = await check(configuration());
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toMatch(/fail +tools +replay: `tools` is not supported by this model/);
    expect(result.stdout).toContain("10 passed, 1 failed");
    expect(result.stdout).toContain("Found lacking: tools. --write notes that in the configuration.");
  });

  test("--write notes it, and keeps the rest of the file as it is; then it is not offered", async () => {
    await answers(stepsWithoutTools());
    const before = configuration();
    const first = await check(before, "--write");
    expect(first.exitCode).toBe(1);
    const file = join(folder, "gatehouse.yaml");
    const after = readFileSync(file, "utf8");
    const entry = '    capabilities:\n      - { models: ["good"], lacks: [tools] }\n';
    expect(after).toContain(entry);
    expect(after.replace(entry, "")).toBe(before);
    expect(statSync(file).mode & 0o777).toBe(0o640);
    const { toolCall: _call, toolResult: _result, ...rest } = GOOD;
    await answers(Object.values(rest));
    const second = await check(after, "--json");
    expect(second.exitCode).toBe(0);
    expect(statuses(second)).toEqual({ ...ALL_PASSED, tools: "not-offered" });
  });

  test("a model that doesn't call by itself is made to; one that can't be made to has no tools", async () => {
    const talks = completion({ content: "I would rather talk." });
    const { toolCall, toolResult, ...rest } = GOOD;
    const { authentication, wrongKey, answer, stream, ...after } = rest;
    const before = [authentication, wrongKey, answer, stream];
    await answers([...before, talks, toolCall, toolResult, ...Object.values(after)]);
    expect(statuses(await check(configuration(), "--json"))).toEqual(ALL_PASSED);
    await answers([...before, talks, talks, ...Object.values(after)]);
    const result = await check(configuration(), "--json");
    expect(statuses(result)).toEqual({ ...ALL_PASSED, tools: "fail" });
    expect(JSON.parse(result.stdout).lacks).toEqual(["tools"]);
  });

  test("parameters are found out one by one", async () => {
    const refused = error(422, "invalid_request", "Extra inputs are not permitted");
    const ready = completion({ content: "ready" });
    const { parameters: _all, longInput, ...before } = GOOD;
    // All at once; then temperature, top-p, seed, stop, the penalties, the end user.
    const each = [refused, ready, ready, refused, ready, ready, ready, refused];
    await answers([...Object.values(before), ...each, longInput]);
    const result = await check(configuration(), "--json");
    const report: Report = JSON.parse(result.stdout);
    expect(report.lacks).toEqual(["seed", "end-user"]);
    expect(statuses(result)).toEqual({ ...ALL_PASSED, parameters: "fail" });
  });

  test("a stream that breaks off, one without usage", async () => {
    const cut: Scenario = { ...GOOD_STREAM, fault: { kind: "truncate", afterEvents: 2 } };
    await answers(Object.values({ ...GOOD, stream: cut }));
    const broken = await check(configuration(), "--json");
    expect(statuses(broken)).toEqual({ ...ALL_PASSED, stream: "fail" });
    const events = [chunk({ content: "1" }), chunk({}, "stop")];
    await answers(Object.values({ ...GOOD, stream: { body: { kind: "events", events, terminal: true } } }));
    const silent = await check(configuration());
    expect(silent.exitCode).toBe(1);
    expect(silent.stdout).toMatch(/fail +stream +no usage is reported: streams are charged by estimate/);
  });

  test("a server that is overloaded is found to lack nothing", async () => {
    const busy = error(503, "overloaded");
    await answers(Object.values({ ...GOOD, image: busy }));
    const result = await check(configuration(), "--json");
    expect(statuses(result)).toEqual({ ...ALL_PASSED, image: "fail" });
    expect(JSON.parse(result.stdout).lacks).toEqual([]);
  });
});

describe("what can't be asked", () => {
  test("a key that is refused ends the check", async () => {
    await answers([GOOD.wrongKey]);
    const result = await check(configuration(), "--json");
    expect(result.exitCode).toBe(1);
    const found = statuses(result);
    expect(found["authentication"]).toBe("fail");
    expect(Object.values(found).filter((status) => status === "skipped")).toHaveLength(10);
    expect(await upstream.callCount()).toBe(1);
  });

  test("a server that takes any key is open", async () => {
    await answers(Object.values({ ...GOOD, wrongKey: completion({ content: "ready" }) }));
    const result = await check(configuration());
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toMatch(
      /fail +authentication +the key is taken, the model answers, and so is any other key/,
    );
  });

  test("a page of HTML instead of an API", async () => {
    const page = "<!doctype html><title>Welcome to nginx!</title>";
    await answers([{ body: { kind: "text", text: page, contentType: "text/html" } }]);
    const result = await check(configuration());
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toMatch(/fail +authentication +replay answered with a body that is not JSON/);
    await answers([{ status: 502, body: { kind: "text", text: page, contentType: "text/html" } }]);
    expect((await check(configuration())).stdout).toMatch(
      /fail +authentication +replay refused the call \(server\)/,
    );
  });

  test("a provider that isn't configured, one without a model, the demo", async () => {
    const unknown = await runGatehouse(["check", "grok"], {}, folder);
    expect([unknown.exitCode, unknown.stderr]).toEqual([
      1,
      expect.stringMatching(
        /^gatehouse: No provider "grok" is configured\.\n {2}mend: .*Configured: demo\.\n$/,
      ),
    ]);
    const nameless = await runGatehouse(["check", "ollama"], { OLLAMA_HOST: "127.0.0.1:9" }, folder);
    expect(nameless.stderr).toContain("No model of ollama is known.\n  mend: Name one: --model NAME.");
    const demo = await runGatehouse(["check", "demo"], {}, folder);
    expect(demo.stderr).toContain("demo answers inside this process.");
  });
});

describe("what it costs", () => {
  test("without a price nothing is asked but by --yes", async () => {
    await answers(Object.values(GOOD));
    const refused = await check(configuration("", ""));
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain("replay/good has no price, so what a check costs is unknown.");
    expect(await upstream.callCount()).toBe(0);
    const asked = await check(configuration("", ""), "--yes", "--json");
    expect(statuses(asked)).toEqual({ ...ALL_PASSED });
    expect(JSON.parse(asked.stdout).costUsd).toBeNull();
  });

  test("more than a cent needs --yes", async () => {
    await answers(Object.values(GOOD));
    const refused = await check(configuration("", "{ input: 5, output: 20 }"));
    expect(refused.stderr).toMatch(/The check costs up to \$0\.\d+, more than a cent\.\n {2}mend: Add --yes/);
    expect(await upstream.callCount()).toBe(0);
    expect((await check(configuration("", "{ input: 5, output: 20 }"), "--yes")).exitCode).toBe(0);
  });

  test("where only the long input is dear, only that is left out", async () => {
    const { longInput: _dear, ...steps } = GOOD;
    await answers(Object.values(steps));
    const text = configuration().replace("context_window: 1000", "context_window: 1000000");
    const result = await check(text);
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toMatch(/skipped +long input +would cost up to \$0\.1\d+: add --yes/);
  });
});
