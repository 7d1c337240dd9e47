import { describe, expect, test } from "bun:test";
import type { Fault } from "./client.ts";
import { httpChunks, type RawClient, rawBody } from "./raw-client.ts";
import {
  CHAT,
  ended,
  onlyCall,
  post,
  rawCall,
  runUpstream,
  sampleEvents,
  server,
  sse,
} from "./running-upstream.ts";

runUpstream();

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
