import { describe, expect, test } from "bun:test";
import { openaiSdk } from "../sdk/clients.ts";
import { rawHead } from "../sdk/raw-call.ts";
import type { Scenario } from "../upstream/client.ts";
import { rawClient } from "../upstream/raw-client.ts";
import { readStreamRecording, recordingFolders } from "../upstream/recordings.ts";
import {
  expectTimely,
  gateway,
  KEEP_ALIVE_MS,
  post,
  prepare,
  runBounded,
  upstream,
} from "./bounded-waiting.ts";

/** Promise 9, bounded waiting of and for clients: long thinking is kept alive with comments, a slow request is given up. */

runBounded();

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
