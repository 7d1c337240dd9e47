import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Body,
  type CallRecord,
  type Fault,
  type ReplayServer,
  refusedPort,
  type Scenario,
  type Split,
  startReplayServer,
} from "./client.ts";
import { httpChunks, type RawClient, rawBody, rawClient, rawPost } from "./raw-client.ts";
import { SAMPLES_FOLDER } from "./recordings.ts";

let server: ReplayServer;
const clients: RawClient[] = [];

beforeAll(async () => {
  server = await startReplayServer();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.leave();
  await server.clearScenarios();
  await server.clearCalls();
});

afterAll(() => server.stop());

const NON_ASCII: Body = { kind: "stream-recording", recording: "openai/openai-chat-non-ascii" };
const CHAT: Body = { kind: "stream-recording", recording: "openai/openai-chat-text" };

function sample(path: string): string {
  return readFileSync(join(SAMPLES_FOLDER, path), "utf8");
}

function sampleEvents(recording: string): readonly string[] {
  return sample(`${recording}.chunks.txt`).trimEnd().split("\n");
}

function sse(payloads: readonly string[]): string {
  return payloads.map((payload) => `data: ${payload}\n\n`).join("");
}

function post(body: object, path = "/v1/chat/completions", init: RequestInit = {}): Promise<Response> {
  return fetch(server.url + path, {
    method: "POST",
    body: JSON.stringify(body),
    redirect: "manual",
    ...init,
  });
}

/** Answers of one scenario, over a raw connection that is left open. */
async function rawCall(scenario: Scenario): Promise<RawClient> {
  await server.scenario("m", scenario);
  const client = await rawClient(server.port);
  clients.push(client);
  client.write(rawPost({ model: "m", stream: true }));
  return client;
}

/** The pieces of a scenario's chunked body. */
async function pieces(scenario: Scenario): Promise<readonly Buffer[]> {
  const client = await rawCall(scenario);
  await client.until((c) => c.text().endsWith("0\r\n\r\n"));
  return httpChunks(rawBody(Buffer.concat(client.packets))).filter((chunk) => chunk.length > 0);
}

function ended(calls: readonly CallRecord[]): boolean {
  return calls.length > 0 && calls.every((call) => call.outcome !== "in-flight");
}

async function onlyCall(): Promise<CallRecord> {
  const [call] = await server.waitForCalls(ended);
  if (call === undefined) throw new Error("no call");
  return call;
}

describe("bodies", () => {
  test("the default answers whole or streamed, as asked", async () => {
    const whole = await post({ model: "unknown" });
    expect(whole.headers.get("content-type")).toBe("application/json");
    expect(await whole.text()).toBe(sample("openai/openai-chat-text.json"));
    const streamed = await post({ model: "unknown", stream: true });
    expect(streamed.headers.get("content-type")).toBe("text/event-stream");
    expect(await streamed.text()).toBe(sse([...sampleEvents("openai/openai-chat-text"), "[DONE]"]));
  });

  test("every recording that is listed can be served, and parses", async () => {
    const listed = server.listRecordings();
    expect(listed.filter((r) => r.source === "samples").length).toBeGreaterThanOrEqual(10);
    for (const { name: recording, whole, stream } of listed) {
      if (whole) await server.scenario(`${recording} whole`, { body: { kind: "recording", recording } });
      if (stream) {
        const body: Body = { kind: "stream-recording", recording, terminal: false, framing: "data" };
        await server.scenario(`${recording} stream`, { body, split: "whole" });
      }
      if (whole) expect(await (await post({ model: `${recording} whole` })).json()).toBeObject();
      if (!stream) continue;
      const events = (await (await post({ model: `${recording} stream` })).text()).split("\n\n").slice(0, -1);
      for (const event of events) expect(JSON.parse(event.slice("data: ".length))).toBeObject();
    }
  });

  test("framing and terminal follow the recording unless told, newlines are as told", async () => {
    const named: Body = { kind: "events", events: ['{"type":"a.b"}', '{"type":"c"}'] };
    expect(await served(named)).toBe('event: a.b\ndata: {"type":"a.b"}\n\nevent: c\ndata: {"type":"c"}\n\n');
    expect(await served({ ...named, framing: "data", terminal: true, newline: "crlf" })).toBe(
      'data: {"type":"a.b"}\r\n\r\ndata: {"type":"c"}\r\n\r\ndata: [DONE]\r\n\r\n',
    );
    expect(await served({ kind: "events", events: ["x"], newline: "cr" })).toBe("data: x\r\r");
    expect(await served({ ...CHAT, terminal: false })).toBe(sse(sampleEvents("openai/openai-chat-text")));
  });

  test("text and bytes are sent as they stand", async () => {
    expect(await served({ kind: "text", text: '{"ü":1}' })).toBe('{"ü":1}');
    const text = ": comment\n\ndata: a\ndata: b\n\n";
    expect(await pieces({ body: { kind: "text", text, contentType: "text/event-stream" } })).toEqual([
      Buffer.from(text),
    ]);
    await server.scenario("m", { body: { kind: "bytes", base64: "AP/+", contentType: "audio/mpeg" } });
    const response = await post({ model: "m" });
    expect(response.headers.get("content-type")).toBe("audio/mpeg");
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([0, 255, 254]));
  });

  test("generated events have the size asked for, parse, and end in usage", async () => {
    const text = await served({ kind: "generated", events: 50, bytesPerEvent: 700 });
    expect(text.length).toBe(50 * 700 + "data: [DONE]\n\n".length);
    const events = text.split("\n\n").slice(0, 50);
    const parsed = events.map((event) => JSON.parse(event.slice("data: ".length)));
    expect(parsed.at(-1).usage.completion_tokens).toBe(50);
  });

  test("a scenario that cannot be served is refused with the reason", async () => {
    const refused = (scenario: Scenario): Promise<void> => server.scenario("m", scenario);
    await expect(refused({ body: { kind: "recording", recording: "no/such" } })).rejects.toThrow(
      'no recording "no/such"',
    );
    const body: Body = { kind: "generated", events: 2, bytesPerEvent: 10 };
    await expect(refused({ body })).rejects.toThrow("bytesPerEvent is 10");
    await expect(refused({ body: { ...body, bytesPerEvent: 900 }, split: "whole" })).rejects.toThrow(
      "never held",
    );
  });

  async function served(body: Body): Promise<string> {
    await server.scenario("m", { body });
    return (await post({ model: "m" })).text();
  }
});

describe("splits", () => {
  const whole = sse([...sampleEvents("openai/openai-chat-non-ascii"), "[DONE]"]);
  const events = sampleEvents("openai/openai-chat-non-ascii").length;
  const splits: readonly Split[] = [
    "per-event",
    "two-per-packet",
    "every-byte",
    "inside-utf8",
    "whole",
    { at: [1, 7, 400, 401, 99_999_999] },
  ];

  test.each(splits.map((split) => [JSON.stringify(split), split] as const))(
    "%s: same bytes",
    async (_, split) => {
      await server.scenario("m", { body: NON_ASCII, split });
      expect(await (await post({ model: "m" })).text()).toBe(whole);
      const call = await onlyCall();
      expect(call).toMatchObject({
        outcome: "finished",
        eventsSent: events,
        bytesSent: Buffer.byteLength(whole),
      });
    },
  );

  test("the cuts are where they should be", async () => {
    const count = async (split: Split): Promise<number> => (await pieces({ body: NON_ASCII, split })).length;
    expect(await count("per-event")).toBe(events + 1);
    expect(await count("two-per-packet")).toBe(Math.ceil((events + 1) / 2));
    expect(await count("every-byte")).toBe(Buffer.byteLength(whole));
    expect(await count("whole")).toBe(1);
    const at = await pieces({ body: NON_ASCII, split: { at: [400, 7] } });
    expect(at.map((piece) => piece.length)).toEqual([7, 393, Buffer.byteLength(whole) - 400]);
  });

  test("inside-utf8 cuts every multi-byte character, at every inner border in turn", async () => {
    const parts = await pieces({ body: NON_ASCII, split: "inside-utf8" });
    const broken = parts.filter((part) => part.toString().includes("\ufffd"));
    const characters = [...whole].filter((character) => Buffer.byteLength(character) > 1).length;
    expect(parts.length).toBe(events + 1 + characters);
    expect(broken.length).toBeGreaterThanOrEqual(characters);
    const starts = new Set(parts.map((part) => part.findIndex((byte) => byte >> 6 !== 2)));
    expect([...starts].sort()).toEqual([0, 1, 2, 3]);
  });

  test("a whole answer can be cut too", async () => {
    await server.scenario("m", { body: { kind: "text", text: '{"a":"é"}' }, split: "every-byte", paceMs: 1 });
    const response = await post({ model: "m" });
    expect(response.headers.get("content-length")).toBe("10");
    expect(await response.text()).toBe('{"a":"é"}');
  });

  test("pace makes packets of their own, delays come where they should", async () => {
    const started = Date.now();
    const events = ["a", "b", "c", "d"];
    const scenario: Scenario = { body: { kind: "events", events }, paceMs: 20, delayBeforeHeadersMs: 40 };
    const client = await rawCall({ ...scenario, delayBeforeBodyMs: 60 });
    await client.until((c) => c.packets.length > 0);
    expect(Date.now() - started).toBeGreaterThanOrEqual(38);
    expect(client.text()).toEndWith("\r\n\r\n"); // headers alone
    await client.until((c) => c.text().endsWith("0\r\n\r\n"));
    expect(Date.now() - started).toBeGreaterThanOrEqual(38 + 58 + 4 * 18);
    expect(client.packets.length).toBe(6);
  });
});

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

describe("faults", () => {
  const events = sampleEvents("openai/openai-chat-text");
  const two = sse(events.slice(0, 2));
  const bodyOf = (client: RawClient): string =>
    Buffer.concat(httpChunks(rawBody(Buffer.concat(client.packets)))).toString();

  test("hang-before-headers: not a byte, until the client leaves", async () => {
    const client = await rawCall({ body: CHAT, fault: { kind: "hang-before-headers" } });
    await server.waitForCalls((calls) => calls.length === 1);
    expect(client.packets).toEqual([]);
    const left = Date.now();
    client.leave();
    const call = await onlyCall();
    expect(call).toMatchObject({ outcome: "client-closed", bytesSent: 0 });
    expect(call.abortedAtMs).toBeWithin(left - 1, Date.now() + 1);
  });

  test.each<[string, Fault, number, string]>([
    ["hang-after-headers", { kind: "hang-after-headers" }, 0, ""],
    ["hang-mid-stream", { kind: "hang-mid-stream", afterEvents: 2 }, 2, two],
    [
      "hang-at-byte",
      { kind: "hang-at-byte", bytes: two.length + 9 },
      2,
      two + sse(events).slice(two.length).slice(0, 9),
    ],
  ])("%s: headers, these bytes, and silence", async (_, fault, eventsSent, body) => {
    const client = await rawCall({ body: CHAT, fault });
    const calls = await server.waitForCalls(
      ([call]) => call?.bytesSent === body.length && client.packets.length > 0,
    );
    await client.until(() => bodyOf(client) === body);
    expect(client.text()).toStartWith("HTTP/1.1 200 OK\r\n");
    expect(calls).toMatchObject([{ outcome: "in-flight", eventsSent }]);
    expect(client.ended).toBeUndefined();
  });

  test("reset-before-headers and close-before-headers", async () => {
    for (const [kind, how] of [
      ["reset-before-headers", "reset"],
      ["close-before-headers", "close"],
    ] as const) {
      const client = await rawCall({ fault: { kind } });
      await client.until((c) => c.ended === how);
      expect(client.packets).toEqual([]);
    }
    expect((await server.waitForCalls(ended)).map((call) => call.outcome)).toEqual(["fault", "fault"]);
  });

  test("reset-at-byte: so many bytes, then RST", async () => {
    const client = await rawCall({ body: CHAT, fault: { kind: "reset-at-byte", bytes: 1_000 } });
    await client.until((c) => c.ended === "reset");
    expect(bodyOf(client)).toBe(sse(events).slice(0, 1_000));
    expect(await onlyCall()).toMatchObject({ outcome: "fault", bytesSent: 1_000 });
    await expect((await post({ model: "m" })).text()).rejects.toThrow();
  });

  test("end-early: so many bytes, then FIN without the last chunk", async () => {
    const client = await rawCall({ body: CHAT, fault: { kind: "end-early", bytes: 1_000 } });
    await client.until((c) => c.ended !== undefined);
    expect(client.ended).toBe("close");
    expect(bodyOf(client)).toBe(sse(events).slice(0, 1_000));
    expect(client.text()).not.toEndWith("0\r\n\r\n");
    expect(await onlyCall()).toMatchObject({ outcome: "fault", bytesSent: 1_000 });
  });

  test("end-early on a whole answer: less than the content-length", async () => {
    const client = await rawCall({
      body: { kind: "text", text: '{"a":1}' },
      fault: { kind: "end-early", bytes: 3 },
    });
    await client.until((c) => c.ended === "close");
    expect(client.text()).toContain("Content-Length: 7");
    expect(client.text()).toEndWith('\r\n\r\n{"a');
  });

  const error = '{"error":{"type":"overloaded_error"}}';
  test.each<[string, Fault, string]>([
    ["truncate", { kind: "truncate", afterEvents: 2 }, two],
    ["error-first", { kind: "error-first", payload: error }, sse([error])],
    ["error-mid-stream", { kind: "error-mid-stream", afterEvents: 2, payload: error }, two + sse([error])],
    ["empty-stream", { kind: "empty-stream" }, ""],
  ])("%s: a clean HTTP answer with this body", async (_, fault, body) => {
    await server.scenario("m", { body: CHAT, fault });
    const response = await post({ model: "m" });
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    expect(await response.text()).toBe(body);
    expect((await onlyCall()).outcome).toBe("fault");
  });

  test("an error needs no payload, and is an event even where a whole answer was due", async () => {
    await server.scenario("m", { body: { kind: "text", text: "{}" }, fault: { kind: "error-first" } });
    const text = await (await post({ model: "m" })).text();
    expect(JSON.parse(text.slice("data: ".length))).toHaveProperty("error.message");
  });

  test("garbage is the same for the same seed", async () => {
    const garbage = async (seed: number): Promise<Buffer> => {
      await server.scenario("m", { body: CHAT, fault: { kind: "garbage", bytes: 500, seed } });
      return Buffer.from(await (await post({ model: "m" })).arrayBuffer());
    };
    const first = await garbage(7);
    expect(first.length).toBe(500);
    expect(new Set(first).size).toBeGreaterThan(100);
    expect(await garbage(7)).toEqual(first);
    expect(await garbage(8)).not.toEqual(first);
  });

  test("redirect", async () => {
    await server.scenario("m", {
      fault: { kind: "redirect", location: "http://169.254.169.254/" },
      status: 307,
    });
    const response = await post({ model: "m" });
    expect([response.status, response.headers.get("location")]).toEqual([307, "http://169.254.169.254/"]);
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

describe("the connection", () => {
  test("pipelined requests are answered in order, whatever way their bytes come", async () => {
    await server.scenario("slow", { body: { kind: "text", text: "[slow]" }, delayBeforeHeadersMs: 30 });
    await server.scenario("fast", { body: { kind: "text", text: "[fast]" } });
    const client = await rawClient(server.port);
    clients.push(client);
    const chunked = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    const parts = '3;ext=1\r\n{"m\r\na\r\nodel":"fas\r\n2\r\nt"\r\n1\r\n}\r\n0\r\nTrailer: x\r\n\r\n';
    const bytes = rawPost({ model: "slow" }) + chunked + parts + rawPost({ model: "slow" });
    const sent = bytes + rawPost({ model: "fast", text: "é" });
    for (const byte of Buffer.from(sent)) client.write(Buffer.from([byte]));
    await client.until((c) => c.text().split("HTTP/1.1 200").length === 5 && c.text().endsWith("]"));
    expect(client.text().match(/\[\w+\]/g)).toEqual(["[slow]", "[fast]", "[slow]", "[fast]"]);
    expect(new Set((await server.calls()).map((call) => call.connection)).size).toBe(1);
  });

  test("a client that waits for 100 Continue gets it", async () => {
    const client = await rawClient(server.port);
    clients.push(client);
    client.write("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    await client.until((c) => c.text() === "HTTP/1.1 100 Continue\r\n\r\n");
    client.write("{}");
    await client.until((c) => c.text().includes("HTTP/1.1 200 OK"));
  });

  test("what is no HTTP is answered 400 and closed", async () => {
    const client = await rawClient(server.port);
    client.write("\x16\x03\x01 nonsense\r\n\r\n");
    await client.until((c) => c.ended !== undefined);
    expect(client.text()).toStartWith("HTTP/1.1 400");
  });

  test("open connections are counted", async () => {
    const client = await rawCall({ fault: { kind: "hang-before-headers" } });
    await server.waitForCalls((calls) => calls.length === 1);
    const { open } = await server.connections();
    client.leave();
    await server.waitForCalls(ended);
    expect((await server.connections()).open).toBe(open - 1);
  });
});

describe("volume", () => {
  const size = 200_000_000;
  const body: Body = { kind: "generated", events: size / 1_000, bytesPerEvent: 1_000 };

  test("a client that does not read holds the server back", async () => {
    await server.scenario("m", { body });
    const client = await rawClient(server.port);
    clients.push(client);
    client.pause();
    client.write(rawPost({ model: "m" }));
    const stalled = await untilSteady(async () => (await server.calls())[0]?.bytesSent ?? 0);
    expect(stalled).toBeWithin(1, 24_000_000); // kernel buffers
    client.leave();
    expect(await onlyCall()).toMatchObject({ outcome: "client-closed" });
  });

  test("200 MB pass through a server that stays small", async () => {
    await server.scenario("m", { body });
    const response = await post({ model: "m" });
    let received = 0;
    for await (const bytes of response.body ?? []) received += bytes.length;
    expect(received).toBe(size + "data: [DONE]\n\n".length);
    const peak = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))?.[1]);
    expect(peak).toBeLessThan(300_000);
  });

  test("thousands of calls", async () => {
    const count = 5_000;
    const worker = async (): Promise<void> => {
      for (let index = 0; index < count / 50; index++) await (await post({ model: "m" })).text();
    };
    await Promise.all(Array.from({ length: 50 }, worker));
    expect(await server.callCount()).toBe(count);
    expect((await server.calls()).every((call) => call.outcome === "finished")).toBe(true);
  });

  /** The value once it is above 0 and 20 looks in a row show the same. */
  async function untilSteady(look: () => Promise<number>): Promise<number> {
    let value = 0;
    for (let same = 0; same < 20; ) {
      const next = await look();
      same = next > 0 && next === value ? same + 1 : 0;
      value = next;
      await Bun.sleep(5);
    }
    return value;
  }
});

test("the server ends with the process that started it, even by kill -9", async () => {
  const script = `
    import { startReplayServer } from ${JSON.stringify(join(import.meta.dir, "client.ts"))};
    console.log((await startReplayServer()).port);
    setInterval(() => {}, 1_000);`;
  const parent = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
  const { value } = await parent.stdout.getReader().read();
  const port = Number(new TextDecoder().decode(value));
  (await rawClient(port)).leave();
  parent.kill("SIGKILL");
  // The test's own time limit ends this if it never comes true.
  for (let refused = false; !refused; ) {
    refused =
      (await rawClient(port).then(
        (client) => client.leave(),
        () => true,
      )) === true;
  }
});
