import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { startGateway, waitUntil } from "../process/gateway-process.ts";
import { type Pair, startPair, UPSTREAM_KEY } from "../process/pair.ts";
import { rawRequest } from "../server/raw-request.ts";
import { type CallRecord, type ReplayServer, startReplayServer } from "../upstream/client.ts";

/** What one call to a provider carries, and nothing beside it. */
const ALLOWED_HEADERS = [
  "accept",
  "accept-encoding",
  "authorization",
  "connection",
  "content-length",
  "content-type",
  "host",
  "user-agent",
];
const OTHER_KEY = "sk-other-secret-0123456789abcdef";
const MESSAGES = [{ role: "user", content: "hello" }];

let pair: Pair;
/** Where no call may ever arrive, unless a test names it as a provider. */
let elsewhere: ReplayServer;

beforeAll(async () => {
  elsewhere = await startReplayServer();
  pair = await startPair(["routes:", "  both: { targets: [replay/x, replay/y] }", ""].join("\n"));
});
afterAll(async () => {
  await pair.dispose();
  await elsewhere.stop();
});
beforeEach(async () => {
  await pair.upstream.clearCalls();
  await pair.upstream.clearScenarios();
});

describe("15: no header, query or field of a request changes where the call goes", () => {
  test("headers don't", async () => {
    const { port } = elsewhere;
    const steering = {
      forwarded: `host=127.0.0.1:${port};proto=http;for=127.0.0.1:${port}`,
      "x-forwarded-host": `127.0.0.1:${port}`,
      "x-forwarded-for": "10.0.0.1",
      "x-forwarded-proto": "http",
      "x-forwarded-port": String(port),
      "x-forwarded-prefix": "/other",
      "x-original-url": elsewhere.url,
      "x-rewrite-url": elsewhere.url,
      "x-real-ip": "10.0.0.1",
      "x-base-url": elsewhere.url,
      "x-upstream-url": elsewhere.url,
      "x-gatehouse-base-url": elsewhere.url,
      "x-gatehouse-target": "elsewhere/x",
      "x-portkey-custom-host": elsewhere.url,
      "openai-base-url": elsewhere.url,
      "proxy-authorization": "Basic abc",
      via: `1.1 127.0.0.1:${port}`,
    };
    const answer = await pair.post(
      "/v1/chat/completions",
      { model: "replay/x", messages: MESSAGES },
      { headers: steering },
    );
    expect(answer.status).toBe(200);
    await expectOneCall();
  });

  test("the query doesn't, and none of it travels", async () => {
    const query = `?base_url=${encodeURIComponent(elsewhere.url)}&api-version=1&model=other/x`;
    expect(
      (await pair.post(`/v1/chat/completions${query}`, { model: "replay/x", messages: MESSAGES })).status,
    ).toBe(200);
    await expectOneCall();
  });

  test("fields of the body don't", async () => {
    const steering = {
      base_url: elsewhere.url,
      api_base: elsewhere.url,
      baseURL: elsewhere.url,
      url: elsewhere.url,
      host: elsewhere.url,
      endpoint: elsewhere.url,
      proxy: elsewhere.url,
      provider: { base_url: elsewhere.url },
      providers: { replay: { base_url: elsewhere.url } },
      headers: { authorization: "Bearer stolen", host: "evil.example" },
      extra_headers: { "x-evil": "1" },
      api_key: "stolen",
    };
    const answer = await pair.post("/v1/chat/completions", {
      model: "replay/x",
      messages: MESSAGES,
      ...steering,
    });
    expect(answer.status).toBe(200);
    const call = await expectOneCall();
    expect(JSON.parse(call.bodyText)).toEqual({ model: "x", messages: MESSAGES, ...steering });
  });

  test("the simple contract knows no such field at all", async () => {
    for (const field of ["base_url", "api_base", "url", "api_key", "headers"]) {
      const answer = await pair.post("/generate", {
        prompt: "hello",
        model: "replay/x",
        [field]: elsewhere.url,
      });
      expect([field, answer.status]).toEqual([field, 400]);
    }
    expect(await pair.upstream.callCount()).toBe(0);
  });

  test("an absolute URI doesn't", async () => {
    const body = JSON.stringify({ model: "replay/x", messages: MESSAGES });
    const headers = [`Authorization: Bearer ${pair.gateway.virtualKey}`, "Content-Type: application/json"];
    const target = `${elsewhere.url}/v1/chat/completions`;
    const { status } = await rawRequest(pair.gateway.port, { method: "POST", target, headers, body });
    expect(status).toBe(200);
    await expectOneCall();
    const connect = await rawRequest(pair.gateway.port, {
      method: "CONNECT",
      target: `127.0.0.1:${elsewhere.port}`,
      headers,
    });
    expect(connect.status === 0 || connect.status >= 400).toBe(true);
    await expectNothingElsewhere();
  });

  test("a model's name is sent as data and is never part of an address", async () => {
    const names = [
      "../../x",
      "../../../../admin",
      "http://evil.example",
      `${elsewhere.url}/v1`,
      "//evil.example/x",
      "x?y=z",
      "x#y",
      "x%2f..%2f..%2fy",
      "@evil.example",
      "x\r\nHost: evil.example\r\n\r\n",
      "x\u0000y",
      "x/../y",
      "x\\..\\y",
      'x", "stream": true, "y": "',
      "\u2028\u2029",
      "\u6a21\u578b",
      "\ud800",
      "${UPSTREAM}",
      "{{model}}",
    ];
    for (const name of names) {
      await pair.upstream.clearCalls();
      const body = { model: `replay/${name}`, messages: MESSAGES, stream: names.indexOf(name) % 2 === 0 };
      const answer = await pair.post("/v1/chat/completions", body);
      expect([name, answer.status]).toEqual([name, 200]);
      await answer.text();
      const target = decodeURI(answer.headers.get("x-gatehouse-target") ?? "");
      expect(target).toBe(`replay/${name.toWellFormed()}`);
      const call = await expectOneCall();
      expect(JSON.parse(call.bodyText)).toEqual({ ...body, model: name });
    }
    await nothingInFlight();
  });

  test("a name that leads to no provider leads nowhere", async () => {
    const names = [
      "http://evil.example/x",
      elsewhere.url,
      `//127.0.0.1:${elsewhere.port}/x`,
      "../replay/x",
      "REPLAY/x",
    ];
    for (const model of [...names, "__proto__/x", "constructor/x", "__proto__", "toString"]) {
      const answer = await pair.post("/v1/chat/completions", { model, messages: MESSAGES });
      expect([model, answer.status]).toEqual([model, 404]);
    }
    const mixed = await pair.post("/generate", { prompt: "hello", provider: elsewhere.url, model: "x" });
    expect(mixed.status).toBe(400);
    expect(await pair.upstream.callCount()).toBe(0);
    await expectNothingElsewhere();
  });
});

describe("15: redirects are not followed", () => {
  for (const status of [301, 302, 303, 307, 308]) {
    test(`${status} is a 502, and nothing arrives where it points`, async () => {
      const location = `${elsewhere.url}/v1/chat/completions`;
      await pair.upstream.scenario("x", { status, fault: { kind: "redirect", location } });
      for (const stream of [false, true]) {
        const answer = await pair.post("/v1/chat/completions", {
          model: "replay/x",
          messages: MESSAGES,
          stream,
        });
        expect(answer.status).toBe(502);
        expect(answer.headers.get("location")).toBeNull();
        const text = await answer.text();
        expect(JSON.parse(text).error).toMatchObject({
          code: "upstream_invalid_answer",
          mend: expect.any(String),
        });
        expect(text).not.toContain(String(elsewhere.port));
      }
      await expectNothingElsewhere();
    });
  }

  test("not even to the same origin", async () => {
    await pair.upstream.scenario("x", { fault: { kind: "redirect", location: "/v1/other" } });
    const answer = await pair.post("/v1/chat/completions", { model: "replay/x", messages: MESSAGES });
    expect(answer.status).toBe(502);
    await expectOneCall();
  });
});

describe("15: only listed headers reach a provider", () => {
  const CLIENT_HEADERS = {
    cookie: "session=client-cookie",
    "x-api-key": "gh_client-x-api-key",
    "openai-organization": "org-client",
    "openai-project": "proj-client",
    "openai-beta": "assistants=v2",
    "anthropic-version": "2023-06-01",
    "x-custom": "client-custom",
    "x-stainless-lang": "js",
    "x-request-id": "client-request-id",
    "x-gatehouse-attempt-id": "client-attempt",
    "user-agent": "client-agent/1",
    referer: "https://client.example/page",
    "accept-language": "de",
    "accept-encoding": "gzip, br",
    accept: "text/client",
    "cache-control": "no-cache",
    "if-none-match": "client-etag",
    te: "trailers",
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    baggage: "client=1",
    "x-forwarded-for": "203.0.113.9",
    range: "bytes=0-1",
    expect: "",
  };

  test.each([false, true])("of many that a client sends (stream: %p)", async (stream) => {
    const body = { model: "replay/x", messages: MESSAGES, stream };
    const answer = await pair.post("/v1/chat/completions", body, { headers: CLIENT_HEADERS });
    expect(answer.status).toBe(200);
    await answer.text();
    const call = await expectOneCall();
    const names = call.headers.map(([name]) => name.toLowerCase());
    expect(names.filter((name) => !ALLOWED_HEADERS.includes(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
    const sent = JSON.stringify(call.headers);
    for (const value of Object.values(CLIENT_HEADERS)) {
      if (value.includes("client")) expect(sent).not.toContain(value);
    }
    expect(sent).not.toContain(pair.gateway.virtualKey);
    expect(headerOf(call, "accept-encoding")).toBe("identity");
    expect(headerOf(call, "user-agent")).toMatch(/^gatehouse\//);
  });

  test("the client's key never leaves, whichever header it came in", async () => {
    const answer = await fetch(`${pair.gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "x-api-key": pair.gateway.virtualKey },
      body: JSON.stringify({ model: "replay/x", messages: MESSAGES }),
    });
    expect(answer.status).toBe(200);
    const call = await expectOneCall();
    expect(JSON.stringify(call)).not.toContain(pair.gateway.virtualKey);
  });
});

describe("15: a credential goes only to the origin it was entered for", () => {
  test("each of two providers gets its own, also when a route falls from one to the other", async () => {
    const configuration = [
      "providers:",
      `  first: { dialect: openai-chat, base_url: ${pair.upstream.url}/v1, key: ${UPSTREAM_KEY} }`,
      `  second: { dialect: openai-chat, base_url: ${elsewhere.url}/v1, key: ${OTHER_KEY} }`,
      `  keyless: { dialect: openai-chat, base_url: ${elsewhere.url}/open }`,
      "routes:",
      "  fall: { targets: [first/x, second/x, keyless/x] }",
      "",
    ];
    const gateway = await startGateway({ configuration: configuration.join("\n") });
    try {
      await pair.upstream.scenario("x", { status: 500, body: { kind: "text", text: "{}" } });
      await elsewhere.scenario("/v1/chat/completions", { status: 500, body: { kind: "text", text: "{}" } });
      await elsewhere.clearCalls();
      const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${gateway.virtualKey}` },
        body: JSON.stringify({ model: "fall", messages: MESSAGES }),
      });
      expect(answer.status).toBe(200);
      const [first] = await pair.upstream.calls();
      const [second, keyless] = await elsewhere.calls();
      expect(first && headerOf(first, "authorization")).toBe(`Bearer ${UPSTREAM_KEY}`);
      expect(second && headerOf(second, "authorization")).toBe(`Bearer ${OTHER_KEY}`);
      expect(keyless && headerOf(keyless, "authorization")).toBeUndefined();
      expect(JSON.stringify([second, keyless])).not.toContain(UPSTREAM_KEY);
      expect(JSON.stringify(first)).not.toContain(OTHER_KEY);
    } finally {
      await gateway.dispose();
      await elsewhere.clearCalls();
      await elsewhere.clearScenarios();
    }
  });
});

/** Exactly one call came, to the configured address with the configured credential, and none went elsewhere. */
async function expectOneCall(): Promise<CallRecord> {
  const calls = await pair.upstream.calls();
  expect(calls).toHaveLength(1);
  const [call] = calls;
  if (call === undefined) throw new Error("no call");
  expect([call.method, call.path]).toEqual(["POST", "/v1/chat/completions"]);
  expect(headerOf(call, "host")).toBe(`127.0.0.1:${pair.upstream.port}`);
  expect(headerOf(call, "authorization")).toBe(`Bearer ${UPSTREAM_KEY}`);
  await expectNothingElsewhere();
  return call;
}

/** Every call has been settled: none holds a place that it would never give back. */
async function nothingInFlight(): Promise<void> {
  await waitUntil(async () => {
    const headers = { authorization: `Bearer ${pair.gateway.adminKey}` };
    const page = await (await fetch(`${pair.gateway.url}/metrics`, { headers })).text();
    return page.includes("gatehouse_in_flight 0\n");
  });
}

async function expectNothingElsewhere(): Promise<void> {
  expect((await elsewhere.connections()).opened).toBe(0);
}

function headerOf(call: CallRecord, wanted: string): string | undefined {
  return call.headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
}
