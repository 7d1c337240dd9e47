import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import OpenAI from "openai";
import type { AttemptRow, RequestRow } from "../../src/storage/schema.ts";
import { type GatewayProcess, startGateway } from "../process/gateway-process.ts";
import { type LedgerRows, waitForLedger } from "../process/ledger-rows.ts";
import { configurationFor } from "../process/pair.ts";
import { openaiClient } from "../sdk/clients.ts";
import { type ReplayServer, refusedPort, type Scenario, startReplayServer } from "../upstream/client.ts";

/**
 * Promise 7: never a success status for an empty or failed answer that could still be seen; never `[DONE]` after an
 * error; never the same content twice. A route's other targets are tried while nothing has reached the client.
 */

const chunk = (delta: object, finish: string | null = null) =>
  JSON.stringify({
    id: "c",
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
const WORDS = ["One", ", two", ", drei ✓", "."];
const PAYLOADS = [
  chunk({ role: "assistant", content: "" }),
  ...WORDS.map((content) => chunk({ content })),
  chunk({}, "stop"),
];
const EVENTS = [...PAYLOADS.map((payload) => `data: ${payload}\n\n`), "data: [DONE]\n\n"].map((text) =>
  Buffer.from(text),
);
const FULL = Buffer.concat(EVENTS);
const STREAM = { kind: "events", events: PAYLOADS } as const;
/** The first event says only who speaks: until the second is there, nothing has been answered. */
const FIRST_ANSWER = 2;
const FINISH = PAYLOADS.length;
const AT_ONCE = 50;
/** So long after the last byte comes the reset: time for the gateway to have read it. */
const RESET_AFTER_MS = 50;

const ERROR_500 = { status: 500, body: { kind: "recording", recording: "openai/openai-error-500" } } as const;
const ERROR_429 = {
  status: 429,
  body: { kind: "recording", recording: "openai/openai-error-429" },
  headers: { "retry-after": "7" },
} as const;
/** Each way of asking has targets of its own: what one call learns of a target, the next would go by. */
const WAYS = ["chat-whole", "chat-streamed", "generate-whole", "generate-streamed"];

function wayOf(contract: "chat" | "generate", stream: boolean): string {
  return `${contract}-${stream ? "streamed" : "whole"}`;
}

function everyWay(scenarios: Readonly<Record<string, Scenario>>): Record<string, Scenario> {
  const entries = Object.entries(scenarios);
  return Object.fromEntries(
    WAYS.flatMap((way) => entries.map(([name, scenario]) => [`${name}-${way}`, scenario])),
  );
}

const text = (body: string, contentType = "text/event-stream") =>
  ({ body: { kind: "text", text: body, contentType } }) as const;

/** What can be seen to be no answer before anything of it has been sent on. */
const FAILED_AT_ONCE: Readonly<Record<string, Scenario>> = {
  "error-first": { body: STREAM, fault: { kind: "error-first" } },
  "error-of-another-kind": text('data: {"object":"error","message":"no GPU","code":500}\n\ndata: [DONE]\n\n'),
  "named-error-event": text('event: error\ndata: {"message":"no"}\n\ndata: [DONE]\n\n'),
  "empty-stream": { body: STREAM, fault: { kind: "empty-stream" } },
  "only-done": text("data: [DONE]\n\n"),
  "only-comments": text(": a\n\n: b\n\n"),
  "only-a-role": { body: STREAM, fault: { kind: "truncate", afterEvents: 1 } },
  "a-role-then-done": { body: { kind: "events", events: PAYLOADS.slice(0, 1), terminal: true } },
  "a-role-then-an-error": { body: STREAM, fault: { kind: "error-mid-stream", afterEvents: 1 } },
  "an-error-in-the-packet-of-the-answer": {
    body: STREAM,
    fault: { kind: "error-mid-stream", afterEvents: 3 },
    split: "whole",
  },
  garbage: { body: STREAM, fault: { kind: "garbage" } },
  html: text("<html><body>Welcome</body></html>", "text/html"),
  "reset-before-headers": { fault: { kind: "reset-before-headers" } },
  "close-before-headers": { fault: { kind: "close-before-headers" } },
  "reset-after-headers": { body: STREAM, fault: { kind: "reset-at-byte", bytes: 0 } },
  "end-after-headers": { body: STREAM, fault: { kind: "end-early", bytes: 0 } },
  redirect: { fault: { kind: "redirect", location: "http://127.0.0.1:9/" } },
  "500": ERROR_500,
};

/** Whole answers with 200 that are none. */
const NO_ANSWERS: Readonly<Record<string, Scenario>> = {
  "empty-body": text("", "application/json"),
  "html-page": text("<html><body>Welcome</body></html>", "text/html"),
  "no-choices": text('{"id":"c","object":"chat.completion"}', "application/json"),
  "zero-choices": text('{"id":"c","object":"chat.completion","choices":[]}', "application/json"),
  "choices-of-another-type": text('{"choices":"none"}', "application/json"),
  "an-error-with-200": text('{"error":{"message":"no","type":"server_error"}}', "application/json"),
  "an-array": text("[]", "application/json"),
  "null-body": text("null", "application/json"),
  "half-of-it": text('{"id":"c","choices":[{"mess', "application/json"),
  "a-stream": text(FULL.toString()),
  garbage: { body: { kind: "recording", recording: "openai/openai-chat-text" }, fault: { kind: "garbage" } },
  "end-early": {
    body: { kind: "recording", recording: "openai/openai-chat-text" },
    fault: { kind: "end-early", bytes: 200 },
  },
  "reset-in-it": {
    body: { kind: "recording", recording: "openai/openai-chat-text" },
    fault: { kind: "reset-at-byte", bytes: 200 },
  },
};

/** First targets after which the next one is tried. */
const TRY_ELSEWHERE: Readonly<Record<string, Scenario>> = {
  "first-500": ERROR_500,
  "first-503": { ...ERROR_500, status: 503 },
  "first-429": ERROR_429,
  "first-401": { status: 401, body: { kind: "recording", recording: "openai/openai-error-401" } },
  "first-garbage": { body: STREAM, fault: { kind: "garbage" } },
  "first-error-first": { body: STREAM, fault: { kind: "error-first" } },
  "first-empty-stream": { body: STREAM, fault: { kind: "empty-stream" } },
  "first-reset": { fault: { kind: "reset-before-headers" } },
  "first-truncated": { body: STREAM, fault: { kind: "truncate", afterEvents: 1 } },
};

let upstream: ReplayServer;
let gateway: GatewayProcess;
let openai: OpenAI;

beforeAll(async () => {
  upstream = await startReplayServer();
  const gone = `  gone: { dialect: openai-chat, base_url: "http://127.0.0.1:${await refusedPort()}/v1", key: sk-gone }\n`;
  const routes = [...Object.keys(TRY_ELSEWHERE), "refused"].flatMap((first) =>
    WAYS.map((way) => {
      const provider = first === "refused" ? "gone" : "replay";
      return `  ${first}-${way}: { targets: [${provider}/${first}-${way}, replay/good] }\n`;
    }),
  );
  const allFail = [false, true].map((stream) => {
    const own = wayOf("chat", stream);
    return `  all-fail-${own}: { targets: [replay/last-500-${own}, gone/last-${own}, replay/last-429-${own}] }\n`;
  });
  gateway = await startGateway({
    configuration: `${configurationFor(upstream.url).replace("prices:\n", `${gone}prices:\n`)}routes:
${routes.join("")}${allFail.join("")}`,
  });
  openai = openaiClient({ url: gateway.url, key: gateway.virtualKey });
  await upstream.scenarios({
    ...FAILED_AT_ONCE,
    ...everyWay({ ...TRY_ELSEWHERE, "last-500": ERROR_500, "last-429": ERROR_429 }),
    good: {},
  });
});

afterAll(async () => {
  await gateway.dispose();
  await upstream.stop();
});

describe("a stream that fails before it has said anything is no success", () => {
  for (const name of Object.keys(FAILED_AT_ONCE)) {
    test(name, async () => {
      const told = await chat(`replay/${name}`, true);
      expect(told.status).toBeGreaterThanOrEqual(500);
      expectEnvelope(told);
      await expectFailed(told);
      const simple = await generate(`replay/${name}`, true);
      expect(simple.status).toBe(502);
      expectEnvelope(simple);
      expect(await errorOfStream(`replay/${name}`)).toBeInstanceOf(OpenAI.InternalServerError);
    });
  }
});

describe("a stream that breaks once it has begun ends with an error", () => {
  for (let events = FIRST_ANSWER; events < FINISH; events++) {
    test(`cut short after ${events} events`, async () => {
      await upstream.scenario("cut", {
        body: STREAM,
        fault: { kind: "truncate", afterEvents: events },
        paceMs: 5,
      });
      const told = await chat("replay/cut", true);
      expectBroken(told, Buffer.concat(EVENTS.slice(0, events)));
      await expectFailed(told);
      expectBrokenGenerate(await generate("replay/cut", true), WORDS.slice(0, events - 1).join(""));
      expect(await errorOfStream("replay/cut")).toBeInstanceOf(OpenAI.APIError);
    });

    test(`the provider's own error after ${events} events`, async () => {
      await upstream.scenario("fails", {
        body: STREAM,
        fault: { kind: "error-mid-stream", afterEvents: events },
        paceMs: 5,
      });
      const told = await chat("replay/fails", true);
      expect(told.status).toBe(200);
      const [first, ...more] = told.body.split(Buffer.concat(EVENTS.slice(0, events)).toString()).slice(1);
      expect(more).toEqual([]);
      expect(JSON.parse(first?.slice("data: ".length) ?? "")).toHaveProperty("error.type", "server_error");
      await expectFailed(told);
      expectBrokenGenerate(await generate("replay/fails", true), WORDS.slice(0, events - 1).join(""));
      expect(await errorOfStream("replay/fails")).toBeInstanceOf(OpenAI.APIError);
    });
  }

  test("an error is the end, whatever the provider says after it", async () => {
    const error = '{"error":{"message":"no","type":"server_error"}}';
    const events = [...PAYLOADS.slice(0, 3), error, ...PAYLOADS.slice(3)];
    for (const split of ["per-event", "two-per-packet"] as const) {
      await upstream.scenario("goes-on", {
        body: { kind: "events", events, terminal: true },
        split,
        // What comes in one read with the error is not told: the gateway still can say that the call failed.
        paceMs: 100,
      });
      const told = await chat("replay/goes-on", true);
      expect(told.body).toBe(`${Buffer.concat(EVENTS.slice(0, 3))}data: ${error}\n\n`);
      const simple = await generate("replay/goes-on", true);
      expectBrokenGenerate(simple, WORDS.slice(0, 2).join(""));
    }
  });

  test("a stream whose last event is only half there", async () => {
    for (let bytes = endOf(FIRST_ANSWER) + 1; bytes < FULL.length; bytes += 7) {
      await upstream.scenario("half", {
        body: { kind: "text", text: cleanCut(bytes), contentType: "text/event-stream" },
        split: { at: [endOf(2)] },
        paceMs: 2,
      });
      const told = await chat("replay/half", true);
      if (bytes >= endOf(FINISH)) {
        expect(told.body).toBe(FULL.subarray(0, endOf(FINISH)).toString());
        continue;
      }
      expectBroken(told, FULL.subarray(0, endOf(wholeEvents(bytes))));
    }
  });

  for (const kind of ["reset-at-byte", "end-early"] as const) {
    test(`${kind}: every byte`, async () => {
      const offsets = Array.from({ length: FULL.length + 1 }, (_, offset) => offset);
      const ending = kind === "end-early" ? { kind } : { kind, afterMs: RESET_AFTER_MS };
      const name = (bytes: number) => `${kind}-${bytes}`;
      await upstream.scenarios(
        Object.fromEntries(
          offsets.map((bytes) => [name(bytes), { body: STREAM, fault: { ...ending, bytes } }]),
        ),
      );
      const rows = new Map<number, Told>();
      await inParallel(offsets, async (bytes) => {
        const told = await chat(`replay/${name(bytes)}`, true);
        rows.set(bytes, told);
        const events = wholeEvents(bytes);
        // An end on the heels of the last bytes may overtake them: then fewer events are delivered, or none.
        const delivered = kind === "end-early" ? deliveredEvents(told) : events;
        expect(delivered).toBeLessThanOrEqual(events);
        if (delivered < FIRST_ANSWER) {
          expect(told.status).toBe(502);
          expectEnvelope(told);
        } else if (delivered < EVENTS.length) expectBroken(told, FULL.subarray(0, endOf(delivered)));
        else expect(told.body).toBe(FULL.toString());
      });
      const ledger = await waitForLedger(gateway, ({ requests }) => {
        const ended = new Set(requests.filter(({ outcome }) => outcome !== null).map(({ id }) => id));
        return [...rows.values()].every(({ requestId }) => ended.has(requestId));
      });
      const outcomes = new Map(ledger.requests.map(({ id, outcome }) => [id, outcome]));
      for (const [bytes, { requestId }] of rows) {
        const outcome = rows.get(bytes)?.body === FULL.toString() ? "ok" : "failed";
        expect({ bytes, outcome: outcomes.get(requestId) }).toEqual({ bytes, outcome });
      }
    }, 30_000);
  }

  test("every byte, for /generate", async () => {
    const offsets = Array.from({ length: FULL.length }, (_, offset) => offset);
    const fault = { kind: "reset-at-byte", afterMs: RESET_AFTER_MS } as const;
    await upstream.scenarios(
      Object.fromEntries(
        offsets.map((bytes) => [`g-${bytes}`, { body: STREAM, fault: { ...fault, bytes } }]),
      ),
    );
    await inParallel(offsets, async (bytes) => {
      const told = await generate(`replay/g-${bytes}`, true);
      const events = wholeEvents(bytes);
      if (events < FIRST_ANSWER) expectEnvelope(told);
      else expectBrokenGenerate(told, WORDS.slice(0, events - 1).join(""));
    });
  }, 30_000);
});

describe("a stream that says that it is complete is complete", () => {
  test("without [DONE]: a finish is enough", async () => {
    await upstream.scenario("no-done", { body: { ...STREAM, terminal: false } });
    const told = await chat("replay/no-done", true);
    expect(told.body).toBe(FULL.subarray(0, endOf(FINISH)).toString());
    expect(await rowsOf(told)).toMatchObject({ request: { outcome: "ok" }, attempts: [{ outcome: "ok" }] });
  });

  test("though its connection is left open or breaks after [DONE]", async () => {
    for (const fault of [
      { kind: "hang-at-byte", bytes: FULL.length },
      { kind: "reset-at-byte", bytes: FULL.length },
    ] as const) {
      for (const split of ["per-event", "whole"] as const) {
        await upstream.clearCalls();
        await upstream.scenario("lingers", { body: STREAM, fault, split });
        for (const told of [await chat("replay/lingers", true), await generate("replay/lingers", true)]) {
          expect(told.body).toMatch(/data: \[DONE\]\n\n$|event: done\n/);
          expect(told.body).not.toContain("error");
          expect(await rowsOf(told)).toMatchObject({
            request: { outcome: "ok" },
            attempts: [{ outcome: "ok" }],
          });
        }
        await upstream.waitForCalls((calls) => calls.every(({ outcome }) => outcome !== "in-flight"));
      }
    }
  }, 20_000);
});

describe("a whole answer that is none is no success", () => {
  for (const [name, scenario] of Object.entries(NO_ANSWERS)) {
    test(name, async () => {
      await upstream.scenario("none", scenario);
      for (const told of [await chat("replay/none", false), await generate("replay/none", false)]) {
        expect(told.status).toBe(502);
        expectEnvelope(told);
        await expectFailed(told);
      }
    });
  }
});

describe("the next target answers where the first one failed", () => {
  for (const first of [...Object.keys(TRY_ELSEWHERE), "refused"]) {
    for (const stream of [false, true]) {
      test(`${first}, ${stream ? "streamed" : "whole"}`, async () => {
        const good = await chat("replay/good", stream);
        const route = `${first}-${wayOf("chat", stream)}`;
        const told = await chat(route, stream);
        expect(told.status).toBe(200);
        expect(told.body).toBe(good.body);
        expect(told.headers.get("x-gatehouse-target")).toBe("replay/good");
        expect(told.headers.get("x-gatehouse-attempts")).toBe("2");
        const { request, attempts } = await rowsOf(told);
        expect(request).toMatchObject({
          outcome: "ok",
          status: 200,
          attempts: 2,
          requested_model: route,
          route,
        });
        expect(attempts).toMatchObject([
          { ordinal: 1, outcome: "failed" },
          { ordinal: 2, outcome: "ok", provider: "replay", model: "good" },
        ]);
        expect(attempts[0]?.error_class).toBeString();
        const simple = await generate(`${first}-${wayOf("generate", stream)}`, stream);
        expect(simple.status).toBe(200);
        expect(simple.body).toContain('"attempts":2');
      });
    }
  }

  test("but what the caller did wrong is told at once", async () => {
    for (const status of [400, 404, 413, 422]) {
      await upstream.clearCalls();
      await upstream.scenario("first-500-chat-whole", {
        status,
        body: { kind: "recording", recording: "openai/openai-error-400" },
      });
      const told = await chat("first-500-chat-whole", false);
      expect(told.status).toBe(status);
      expect((await rowsOf(told)).attempts).toMatchObject([
        { outcome: "failed", error_class: "caller", upstream_status: status },
      ]);
      expect(await upstream.callCount()).toBe(1);
    }
    await upstream.scenario("first-500-chat-whole", ERROR_500);
  });

  test("and when all fail, the last failure is told", async () => {
    for (const stream of [false, true]) {
      const told = await chat(`all-fail-${wayOf("chat", stream)}`, stream);
      expect(told.status).toBe(429);
      expect(told.headers.get("retry-after")).toBe("7");
      expect(JSON.parse(told.body)).toHaveProperty("error.code", "rate_limit_exceeded");
      const { request, attempts } = await rowsOf(told);
      expect(request).toMatchObject({ outcome: "failed", status: 429, attempts: 3 });
      expect(attempts.map(({ error_class }) => error_class)).toEqual(["server", "network", "rate_limit"]);
      expect(attempts.map(({ input_tokens }) => input_tokens)).toEqual([0, 0, 0]);
    }
  });

  test("never once something has reached the client", async () => {
    await upstream.scenario("first-truncated-chat-streamed", {
      body: STREAM,
      fault: { kind: "truncate", afterEvents: 3 },
      paceMs: 5,
    });
    const told = await chat("first-truncated-chat-streamed", true);
    expectBroken(told, FULL.subarray(0, endOf(3)));
    expect((await rowsOf(told)).attempts.length).toBe(1);
  });
});

/** What a client was told. */
interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly requestId: string;
  readonly body: string;
}

function chat(model: string, stream: boolean): Promise<Told> {
  return call("/v1/chat/completions", { model, stream, messages: [{ role: "user", content: "Count." }] });
}

function generate(model: string, stream: boolean): Promise<Told> {
  return call("/generate", { model, stream, prompt: "Count." });
}

async function call(path: string, body: object): Promise<Told> {
  const response = await fetch(gateway.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${gateway.virtualKey}` },
    body: JSON.stringify(body),
  });
  const requestId = response.headers.get("x-request-id") ?? "";
  return { status: response.status, headers: response.headers, requestId, body: await response.text() };
}

/** What the SDK throws for a stream. */
async function errorOfStream(model: string): Promise<unknown> {
  try {
    const stream = await openai.chat.completions.create({
      model,
      stream: true,
      messages: [{ role: "user", content: "Count." }],
    });
    for await (const _ of stream);
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}

function expectEnvelope({ status, headers, requestId, body }: Told): void {
  const verbatim = status === 500;
  expect(status).toBeGreaterThanOrEqual(500);
  expect(headers.get("content-type")).toContain("application/json");
  const { error } = JSON.parse(body);
  expect(error.message).toBeString();
  if (!verbatim) expect(error).toMatchObject({ request_id: requestId, mend: expect.any(String) });
  expect(body).not.toContain("[DONE]");
}

/** Whole events of the recording, then one error event, then nothing. */
function expectBroken({ status, requestId, body }: Told, delivered: Buffer): void {
  expect(status).toBe(200);
  expect(body.slice(0, delivered.toString().length)).toBe(delivered.toString());
  const rest = body.slice(delivered.toString().length);
  expect(rest).toMatch(/^data: \{"error":.*\}\n\n$/);
  const { error } = JSON.parse(rest.slice("data: ".length));
  expect(error).toMatchObject({
    message: expect.any(String),
    code: expect.any(String),
    request_id: requestId,
  });
}

function expectBrokenGenerate({ status, requestId, body }: Told, delivered: string): void {
  expect(status).toBe(200);
  const events = body.split("\n\n").slice(0, -1);
  const deltas = events
    .slice(0, -1)
    .map((event) => JSON.parse(event.replace("event: delta\ndata: ", "")).text);
  expect(deltas.join("")).toBe(delivered);
  const [name, data] = events.at(-1)?.split("\ndata: ") ?? [];
  expect(name).toBe("event: error");
  expect(JSON.parse(data ?? "")).toMatchObject({
    error: { code: expect.any(String), request_id: requestId },
  });
}

async function expectFailed(told: Told): Promise<void> {
  const { request, attempts } = await rowsOf(told);
  expect(request).toMatchObject({ outcome: "failed", status: told.status });
  expect(attempts.map(({ outcome }) => outcome)).toEqual(["failed"]);
}

async function rowsOf({
  requestId,
}: Told): Promise<{ request: RequestRow | undefined; attempts: readonly AttemptRow[] }> {
  const own = ({ requests, attempts }: LedgerRows) => ({
    request: requests.find(({ id }) => id === requestId),
    attempts: attempts.filter(({ request_id }) => request_id === requestId),
  });
  const rows = await waitForLedger(gateway, (found) => {
    const { request, attempts } = own(found);
    return request !== undefined && request.outcome !== null && attempts.length === request.attempts;
  });
  return own(rows);
}

function endOf(events: number): number {
  return EVENTS.slice(0, events).reduce((sum, event) => sum + event.length, 0);
}

/** How many events end within so many bytes. */
function wholeEvents(bytes: number): number {
  return EVENTS.filter((_, index) => endOf(index + 1) <= bytes).length;
}

/** How many of the recording's events a client was given. */
function deliveredEvents({ body }: Told): number {
  return EVENTS.filter((event) => body.includes(event.toString())).length;
}

/** So many bytes of the stream, less what would be half a character. */
function cleanCut(bytes: number): string {
  return new TextDecoder().decode(FULL.subarray(0, bytes), { stream: true });
}

async function inParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
