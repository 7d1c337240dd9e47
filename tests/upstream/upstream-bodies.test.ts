import { describe, expect, test } from "bun:test";
import type { Body, Scenario, Split } from "./client.ts";
import { httpChunks, rawBody } from "./raw-client.ts";
import {
  CHAT,
  onlyCall,
  post,
  rawCall,
  runUpstream,
  sample,
  sampleEvents,
  server,
  sse,
} from "./running-upstream.ts";

runUpstream();

const NON_ASCII: Body = { kind: "stream-recording", recording: "openai/openai-chat-non-ascii" };

/** The pieces of a scenario's chunked body. */
async function pieces(scenario: Scenario): Promise<readonly Buffer[]> {
  const client = await rawCall(scenario);
  await client.until((c) => c.text().endsWith("0\r\n\r\n"));
  return httpChunks(rawBody(Buffer.concat(client.packets))).filter((chunk) => chunk.length > 0);
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
