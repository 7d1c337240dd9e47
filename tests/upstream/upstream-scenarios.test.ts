import { describe, expect, test } from "bun:test";
import { type Body, refusedPort, type Scenario } from "./client.ts";
import { rawClient, rawPost } from "./raw-client.ts";
import { clients, onlyCall, post, rawCall, runUpstream, server } from "./running-upstream.ts";

runUpstream();

describe("status, headers, scenarios", () => {
  test("status and headers are as told", async () => {
    const body: Body = { kind: "recording", recording: "openai/openai-error-429" };
    await server.scenario("m", {
      body,
      status: 429,
      headers: { "retry-after": "2", "x-request-id": "req_1" },
    });
    const response = await post({ model: "m" });
    expect([
      response.status,
      response.headers.get("retry-after"),
      response.headers.get("x-request-id"),
    ]).toEqual([429, "2", "req_1"]);
    expect(await response.json()).toHaveProperty("error.code", "rate_limit_exceeded");
  });

  test("a call is matched by model, else by path, else the default; a list is worked off", async () => {
    const text = (t: string): Scenario => ({ body: { kind: "text", text: t } });
    await server.scenarios({
      m: [text("first"), text("second")],
      "/v1/audio": text("path"),
      default: text("else"),
    });
    const answers: string[] = [];
    for (const [model, path] of [
      ["m", "/v1/audio"],
      ["m", "/v1/x"],
      ["m", "/v1/x"],
      ["other", "/v1/audio?q=1"],
      ["other", "/v1/x"],
    ] as const) {
      answers.push(await (await post({ model }, path)).text());
    }
    expect(answers).toEqual(["first", "second", "second", "path", "else"]);
    expect((await server.calls()).map((call) => call.scenario)).toEqual([
      "m",
      "m",
      "m",
      "/v1/audio",
      "default",
    ]);
  });

  test("connection: close closes after the answer", async () => {
    const client = await rawCall({ body: { kind: "text", text: "bye" }, connection: "close" });
    await client.until((c) => c.ended === "close");
    expect(client.text()).toContain("Connection: close");
    expect(client.text()).toEndWith("\r\n\r\nbye");
  });

  test("a refused port refuses", async () => {
    const port = await refusedPort();
    await expect(rawClient(port)).rejects.toThrow();
  });
});

describe("the call log", () => {
  test("has the request as it came", async () => {
    const client = await rawClient(server.port);
    clients.push(client);
    const before = Date.now();
    const head =
      "Host: h\r\nX-Mixed-CASE: Two  words\r\nX-Gatehouse-Attempt-Id: at_1\r\nX-Twice: a\r\nX-Twice: b";
    client.write(`POST /v1/p?q=1 HTTP/1.1\r\n${head}\r\nContent-Length: 12\r\n\r\n{"a":"é"} \n`);
    const call = await onlyCall();
    expect(call).toMatchObject({
      method: "POST",
      path: "/v1/p?q=1",
      bodyText: '{"a":"é"} \n',
      bodyBytes: 12,
    });
    expect(call.attemptId).toBe("at_1");
    expect(call.receivedAtMs).toBeWithin(before, Date.now() + 1);
    expect(call.headers).toEqual([
      ["Host", "h"],
      ["X-Mixed-CASE", "Two  words"],
      ["X-Gatehouse-Attempt-Id", "at_1"],
      ["X-Twice", "a"],
      ["X-Twice", "b"],
      ["Content-Length", "12"],
    ]);
  });

  test("tells when a client leaves in mid stream", async () => {
    const body: Body = { kind: "generated", events: 10_000, bytesPerEvent: 500 };
    await server.scenario("m", { body, paceMs: 5 });
    const abort = new AbortController();
    const response = await post({ model: "m", stream: true }, "/", { signal: abort.signal });
    await response.body?.getReader().read();
    abort.abort();
    const call = await onlyCall();
    expect(call.outcome).toBe("client-closed");
    expect(call.eventsSent).toBeWithin(1, 9_999);
    expect(call.abortedAtMs).toBeWithin(call.receivedAtMs, Date.now() + 1);
  });

  test("has requests that were never complete", async () => {
    const client = await rawClient(server.port);
    client.write(rawPost({ model: "m" }).slice(0, -3));
    client.leave();
    expect(await onlyCall()).toMatchObject({
      scenario: "none",
      outcome: "client-closed",
      path: "/v1/chat/completions",
    });
  });

  test("is counted and cleared", async () => {
    await (await post({ model: "m" })).text();
    expect(await server.callCount()).toBe(1);
    await server.clearCalls();
    expect(await server.calls()).toEqual([]);
    await expect(server.waitForCalls((calls) => calls.length > 0, 20)).rejects.toThrow("0 calls");
  });
});
