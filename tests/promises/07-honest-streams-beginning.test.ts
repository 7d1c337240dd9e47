import { describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { refusedPort, type Scenario } from "../upstream/client.ts";
import {
  chat,
  endOf,
  errorOfStream,
  expectBroken,
  expectEnvelope,
  expectFailed,
  FULL,
  generate,
  PAYLOADS,
  rowsOf,
  runHonestStreams,
  STREAM,
  text,
  upstream,
} from "./honest-streams.ts";

/**
 * Promise 7, honest streams, at their beginning: never a success status for an empty or failed answer that could still
 * be seen. A route's other targets are tried while nothing has reached the client.
 */

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

async function withTargets(configuration: string): Promise<string> {
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
  return `${configuration.replace("prices:\n", `${gone}prices:\n`)}routes:
${routes.join("")}${allFail.join("")}`;
}

runHonestStreams(withTargets, {
  ...FAILED_AT_ONCE,
  ...everyWay({ ...TRY_ELSEWHERE, "last-500": ERROR_500, "last-429": ERROR_429 }),
  good: {},
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
