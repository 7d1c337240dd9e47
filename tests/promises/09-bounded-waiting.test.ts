import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { type GatewayProcess, startGateway } from "../process/gateway-process.ts";
import { waitForLedger } from "../process/ledger-rows.ts";
import { configurationFor } from "../process/pair.ts";
import { MESSAGES, openaiSdk } from "../sdk/clients.ts";
import { rawCall, rawHead } from "../sdk/raw-call.ts";
import { type CallRecord, type ReplayServer, type Scenario, startReplayServer } from "../upstream/client.ts";
import { rawClient } from "../upstream/raw-client.ts";
import { readStreamRecording, recordingFolders } from "../upstream/recordings.ts";

/**
 * Promise 9: connect, first byte, between bytes and total each have a limit; long thinking is kept alive with comments.
 */

const LIMIT_MS = 300;
/** A loaded machine may be late by seconds; where a limit did not hold, the next one would end the call after minutes. */
const LATE_MS = 10_000;
const KEEP_ALIVE_MS = 100;
const PROMPT = "Who stands at the gate?";

let upstream: ReplayServer;
let gateway: GatewayProcess;
let full: FullQueue | undefined;

beforeAll(async () => {
  upstream = await startReplayServer();
  full = await fullQueue();
  const provider = (id: string, url: string, timeouts: string) =>
    `  ${id}: { dialect: openai-chat, base_url: "${url}/v1", key: sk-${id}, timeouts: { ${timeouts} } }\n`;
  const providers = [
    provider("connect", `http://127.0.0.1:${full?.port ?? 9}`, `connect_ms: ${LIMIT_MS}`),
    provider("first", upstream.url, `first_byte_ms: ${LIMIT_MS}`),
    provider("between", upstream.url, `between_bytes_ms: ${LIMIT_MS}`),
    provider("total", upstream.url, `total_ms: ${LIMIT_MS}`),
  ];
  gateway = await startGateway({
    configuration: `${configurationFor(upstream.url).replace("prices:\n", `${providers.join("")}prices:\n`)}
stream: { keep_alive_ms: ${KEEP_ALIVE_MS} }
limits: { request_body_ms: ${LIMIT_MS} }
`,
  });
});

afterAll(async () => {
  full?.end();
  await gateway.dispose();
  await upstream.stop();
});

const BEGUN = { body: { kind: "stream-recording", recording: "openai/openai-chat-text" } } as const;
const WHOLE = { body: { kind: "recording", recording: "openai/openai-chat-text" } } as const;
const FIRST = `sent no answer within ${LIMIT_MS} ms`;
const BETWEEN = `fell silent in the middle of its answer for more than ${LIMIT_MS} ms`;
const TOTAL = `did not complete its answer within ${LIMIT_MS} ms`;

interface Limited {
  readonly what: string;
  readonly provider: "first" | "between" | "total";
  readonly scenario: Scenario;
  readonly sentence: string;
  readonly mend: string;
}

const WHOLE_CALLS: readonly Limited[] = [
  {
    what: "no headers",
    provider: "first",
    scenario: { fault: { kind: "hang-before-headers" } },
    sentence: FIRST,
    mend: "timeouts.first_byte_ms",
  },
  {
    what: "headers and nothing more",
    provider: "between",
    scenario: { ...WHOLE, fault: { kind: "hang-after-headers" } },
    sentence: BETWEEN,
    mend: "timeouts.between_bytes_ms",
  },
  {
    what: "half a body",
    provider: "between",
    scenario: { ...WHOLE, fault: { kind: "hang-at-byte", bytes: 200 } },
    sentence: BETWEEN,
    mend: "timeouts.between_bytes_ms",
  },
  {
    what: "a body byte by byte",
    provider: "total",
    scenario: { ...WHOLE, split: "every-byte", paceMs: 20 },
    sentence: TOTAL,
    mend: "timeouts.total_ms",
  },
  {
    what: "no headers, all in all",
    provider: "total",
    scenario: { fault: { kind: "hang-before-headers" } },
    sentence: TOTAL,
    mend: "timeouts.total_ms",
  },
];

const STREAMS: readonly Limited[] = [
  {
    what: "no headers",
    provider: "first",
    scenario: { fault: { kind: "hang-before-headers" } },
    sentence: FIRST,
    mend: "timeouts.first_byte_ms",
  },
  {
    what: "no event",
    provider: "between",
    scenario: { ...BEGUN, fault: { kind: "hang-after-headers" } },
    sentence: BETWEEN,
    mend: "timeouts.between_bytes_ms",
  },
  {
    what: "five events",
    provider: "between",
    scenario: { ...BEGUN, fault: { kind: "hang-mid-stream", afterEvents: 5 } },
    sentence: BETWEEN,
    mend: "timeouts.between_bytes_ms",
  },
  {
    what: "half an event",
    provider: "between",
    scenario: { ...BEGUN, fault: { kind: "hang-at-byte", bytes: 1000 } },
    sentence: BETWEEN,
    mend: "timeouts.between_bytes_ms",
  },
  {
    what: "events too slowly",
    provider: "total",
    scenario: { ...BEGUN, paceMs: 60 },
    sentence: TOTAL,
    mend: "timeouts.total_ms",
  },
  {
    what: "an event byte by byte",
    provider: "total",
    scenario: { ...BEGUN, split: "every-byte", paceMs: 20 },
    sentence: TOTAL,
    mend: "timeouts.total_ms",
  },
];

describe("a whole answer of which the provider sends", () => {
  for (const limited of WHOLE_CALLS) {
    test.concurrent(limited.what, async () => {
      for (const { model, response, text, tookMs } of await calls(limited, false)) {
        expect(response.status).toBe(504);
        expectTimely(tookMs);
        expectTimeout(JSON.parse(text).error, limited, response);
        await expectGivenUp(model, response, 504);
      }
    });
  }
});

describe("a stream of which the provider sends", () => {
  for (const limited of STREAMS) {
    test.concurrent(limited.what, async () => {
      for (const { model, response, text, tookMs } of await calls(limited, true)) {
        // Comments have kept the client waiting, so the status was told long ago.
        expect(response.status).toBe(200);
        expectTimely(tookMs);
        const events = text.split("\n\n").slice(0, -1);
        const data = events.at(-1)?.split("data: ").at(-1) ?? "";
        expectTimeout(JSON.parse(data).error, limited, response);
        expect(text).not.toContain("[DONE]");
        expect(text).not.toContain("event: done");
        await expectGivenUp(model, response, 200);
      }
    });
  }

  test.concurrent("nothing for a client that reads nothing: the limit holds all the same", async () => {
    const model = await prepare({ body: { kind: "generated", events: 200_000, bytesPerEvent: 1000 } });
    const client = await rawCall(gateway, "/v1/chat/completions", {
      model: `total/${model}`,
      messages: MESSAGES,
      stream: true,
    });
    try {
      await client.until(({ packets }) => packets.length > 0);
      client.pause();
      const [seen] = await aborted(model);
      expectTimely((seen?.abortedAtMs ?? 0) - (seen?.receivedAtMs ?? 0));
      await waitForLedger(gateway, ({ attempts, requests }) => {
        const attempt = attempts.find((row) => row.model === model);
        const request = requests.find(({ requested_model }) => requested_model === `total/${model}`);
        return attempt?.outcome === "failed" && request?.outcome === "failed";
      });
    } finally {
      client.leave();
    }
  });
});

describe("a stream whose client would have to wait", () => {
  let silent: GatewayProcess;
  beforeAll(async () => {
    silent = await startGateway({
      configuration: `${configurationFor(upstream.url)}stream: { keep_alive_ms: 0 }
timeouts: { first_byte_ms: ${LIMIT_MS}, between_bytes_ms: ${LIMIT_MS} }
`,
    });
  });
  afterAll(() => silent.dispose());

  for (const kind of ["hang-before-headers", "hang-after-headers"] as const) {
    test.concurrent(`without comments, a limit is told by 504 (${kind})`, async () => {
      const model = await prepare({ ...BEGUN, fault: { kind } });
      const response = await post("/v1/chat/completions", `replay/${model}`, true, silent);
      expect(response.status).toBe(504);
      expect(await response.json()).toHaveProperty("error.code", "upstream_timeout");
    });
  }
});

test.concurrent("a provider that can't be connected to", async () => {
  if (full === undefined)
    return console.log("skipped: no queue of connections could be filled on this system");
  for (const path of ["/v1/chat/completions", "/generate"]) {
    const startedAtMs = performance.now();
    const response = await post(path, "connect/m", false);
    const { error } = (await response.json()) as { error: { message: string; mend: string } };
    expect(response.status).toBe(504);
    expectTimely(performance.now() - startedAtMs);
    expect(error.message).toContain(`could not be connected to within ${LIMIT_MS} ms`);
    expect(error.mend).toContain("timeouts.connect_ms");
  }
});

describe("a model that thinks for long", () => {
  const payloads = readStreamRecording(recordingFolders(), "openai/openai-chat-usage");
  const events = [...payloads, "[DONE]"].map((payload) => `data: ${payload}`);
  const stream = { kind: "stream-recording", recording: "openai/openai-chat-usage" } as const;
  const cuts = { at: Array.from({ length: 6 }, (_, index) => 150 + index * 400) };
  const THINKING: Readonly<Record<string, Scenario>> = {
    "before its headers": { body: stream, delayBeforeHeadersMs: 5 * KEEP_ALIVE_MS },
    "before its first event": { body: stream, delayBeforeBodyMs: 5 * KEEP_ALIVE_MS },
    "between events": { body: stream, paceMs: 2.5 * KEEP_ALIVE_MS },
    "in the middle of events": { body: stream, split: cuts, paceMs: 3 * KEEP_ALIVE_MS },
  };
  for (const [when, scenario] of Object.entries(THINKING)) {
    test.concurrent(when, async () => {
      const model = await prepare(scenario);
      const [response, direct, given] = await Promise.all([
        post("/v1/chat/completions", `replay/${model}`, true),
        openaiSdk({ url: upstream.url, key: "sk-any" }).streamed(model),
        openaiSdk({ url: gateway.url, key: gateway.virtualKey }).streamed(`replay/${model}`),
      ]);
      expect(given).toEqual(direct);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toStartWith("text/event-stream");
      const blocks = (await response.text()).split("\n\n").slice(0, -1);
      // Comments stand between events, never inside one.
      expect(blocks.filter((block) => block !== ": keep-alive")).toEqual(events);
      expect(blocks.length).toBeGreaterThan(events.length + 2);
      if (when.startsWith("before")) expect(blocks.slice(0, 3)).toEqual(Array(3).fill(": keep-alive"));
    });
  }

  test.concurrent("and fails: the error is told in the stream", async () => {
    const model = await prepare({
      status: 500,
      delayBeforeHeadersMs: 3 * KEEP_ALIVE_MS,
      body: { kind: "recording", recording: "openai/openai-error-500" },
    });
    for (const path of ["/v1/chat/completions", "/generate"]) {
      const response = await post(path, `replay/${model}`, true);
      const text = await response.text();
      expect(response.status).toBe(200);
      expect(text).toMatch(/^(: keep-alive\n\n)+(event: error\n)?data: \{"error":.*\}\n\n$/);
      expect(text).toContain(response.headers.get("x-request-id") ?? "none");
    }
    const given = await openaiSdk({ url: gateway.url, key: gateway.virtualKey }).streamed(`replay/${model}`);
    expect(given).toMatchObject({ chunks: [], error: { code: "upstream_server" } });
  });
});

describe("a client that sends its request too slowly", () => {
  const BODIES: Readonly<Record<string, readonly string[]>> = {
    "a small body": ["Content-Length: 500"],
    "a large body": [`Content-Length: ${5 * 1024 * 1024}`],
    "a body of unknown length": ["Transfer-Encoding: chunked"],
  };
  for (const [what, headers] of Object.entries(BODIES)) {
    test.concurrent(`${what} gets 408`, async () => {
      const client = await rawClient(gateway.port);
      const startedAtMs = performance.now();
      client.write(rawHead(gateway, "/v1/chat/completions", headers));
      // It does send, always a little.
      const piece = headers[0]?.startsWith("Transfer") === true ? "1\r\n \r\n" : " ";
      const dribble = setInterval(() => client.write(piece), 30);
      try {
        await client.until(({ text }) => text().includes("\r\n\r\n") && text().includes("request_timeout"));
      } finally {
        clearInterval(dribble);
        client.leave();
      }
      expectTimely(performance.now() - startedAtMs);
      expect(client.text()).toStartWith("HTTP/1.1 408 ");
      expect(client.text()).toContain("limits.request_body_ms");
    });
  }
});

let scenarios = 0;

/** Gives the model that is answered so. Each test has its own, since they all wait at the same time. */
async function prepare(scenario: Scenario): Promise<string> {
  scenarios += 1;
  const model = `m${scenarios}`;
  await upstream.scenario(model, scenario);
  return model;
}

/** Waits until all calls for the model have been aborted; gives them. */
async function aborted(model: string): Promise<readonly CallRecord[]> {
  const ofModel = (calls: readonly CallRecord[]) => calls.filter(({ scenario }) => scenario === model);
  const calls = await upstream.waitForCalls((all) => {
    const own = ofModel(all);
    return own.length > 0 && own.every(({ outcome }) => outcome === "client-closed");
  });
  return ofModel(calls);
}

/** The same call in both contracts at once. */
async function calls({ provider, scenario }: Limited, stream: boolean) {
  const model = await prepare(scenario);
  const call = async (path: string) => {
    const startedAtMs = performance.now();
    const response = await post(path, `${provider}/${model}`, stream);
    const text = await response.text();
    return { model, response, text, tookMs: performance.now() - startedAtMs };
  };
  return Promise.all([call("/v1/chat/completions"), call("/generate")]);
}

function post(path: string, model: string, stream: boolean, to: GatewayProcess = gateway): Promise<Response> {
  return fetch(to.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${to.virtualKey}` },
    body: JSON.stringify(
      path === "/generate" ? { model, stream, prompt: PROMPT } : { model, stream, messages: MESSAGES },
    ),
  });
}

function expectTimely(tookMs: number): void {
  expect(tookMs).toBeGreaterThanOrEqual(LIMIT_MS * 0.6);
  expect(tookMs).toBeLessThan(LIMIT_MS + LATE_MS);
}

function expectTimeout(
  error: Record<string, unknown>,
  { provider, sentence, mend }: Limited,
  response: Response,
): void {
  expect(error["code"]).toBe("upstream_timeout");
  expect(error["message"]).toContain(`${provider} ${sentence}.`);
  expect(error["mend"]).toContain(mend);
  expect(error["request_id"]).toBe(response.headers.get("x-request-id"));
}

/** The upstream call is aborted, and the ledger says why. */
async function expectGivenUp(model: string, response: Response, status: number): Promise<void> {
  await aborted(model);
  const id = response.headers.get("x-request-id");
  const rows = await waitForLedger(
    gateway,
    ({ attempts, requests }) =>
      attempts.some((row) => row.request_id === id && row.outcome !== null) &&
      requests.some((row) => row.id === id && row.outcome !== null),
  );
  expect(rows.attempts.filter((row) => row.request_id === id)).toMatchObject([
    { outcome: "failed", error_class: "timeout", error_code: "upstream_timeout", usage_source: "estimated" },
  ]);
  expect(rows.requests.find((row) => row.id === id)).toMatchObject({ outcome: "failed", status });
}

interface FullQueue {
  readonly port: number;
  end(): void;
}

/**
 * An address that takes no connection and refuses none: a stopped process whose queue of connections is full, where
 * Linux drops further SYNs. Undefined where that can't be brought about.
 */
async function fullQueue(): Promise<FullQueue | undefined> {
  const program = `const s = require("net").createServer(); s.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => console.log(s.address().port));`;
  const child = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe", stdin: "ignore" });
  const sockets: Socket[] = [];
  const end = (): void => {
    for (const socket of sockets) socket.destroy();
    child.kill("SIGKILL");
  };
  const { value } = await child.stdout.getReader().read();
  const port = Number(new TextDecoder().decode(value));
  child.kill("SIGSTOP");
  for (let tried = 0; tried < 5000; tried += 1) {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.on("error", () => {});
    sockets.push(socket);
    const connected = await Promise.race([
      new Promise<boolean>((resolve) => socket.once("connect", () => resolve(true))),
      Bun.sleep(200).then(() => false),
    ]);
    if (!connected) return { port, end };
  }
  end();
  return undefined;
}
