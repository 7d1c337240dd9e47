import { describe, expect, test } from "bun:test";
import { waitUntil } from "../process/gateway-process.ts";
import { call, chat, gateway, NO_USAGE, PROMPT, post, refusal, runAccounted, upstream } from "./accounts.ts";

/** What a call leaves behind: its rows and its line in the log. */

runAccounted();

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
