import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeResponse } from "../../src/dialects/openai-chat/decode-response.ts";
import { openStreamDecoder } from "../../src/dialects/openai-chat/decode-stream.ts";
import { encodeResponse } from "../../src/dialects/openai-chat/encode-response.ts";
import { PLAIN_FORM } from "../../src/model/dialect.ts";
import { fold } from "../../src/model/inference-response.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { StreamEvent } from "../../src/model/stream-event.ts";
import { anyAnswer, streamed } from "./any-answer.ts";
import {
  askingForUsage,
  chatRequest,
  chunk,
  decodeStream,
  encodeStream,
  expectChunk,
  expectWellFormed,
  meaning,
  receipt,
} from "./chat.ts";
import { faults } from "./openai-description.ts";

const call = (rest: JsonObject): JsonObject => ({ tool_calls: [rest] });
const stop = chunk({}, "stop");

describe("encoding a stream", () => {
  const events: readonly StreamEvent[] = decodeStream([
    chunk({ content: "a" }),
    stop,
    { choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } },
  ]);

  test("usage only for a client that asked", () => {
    const silent = chatRequest({ model: "m", messages: [{ role: "user", content: "hi" }], stream: true });
    expect(encodeStream(events, silent).some((payload) => payload.includes("usage"))).toBe(false);
    const payloads = encodeStream(events);
    expect(JSON.parse(payloads.at(-2) ?? "")).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 1, total_tokens: 3 },
    });
    expect(JSON.parse(payloads[0] ?? "")["usage"]).toBeNull();
  });

  test("the role comes once per choice, with the first delta", () => {
    const payloads = encodeStream(events);
    expect(payloads.filter((payload) => payload.includes('"role"')).length).toBe(1);
    expect(JSON.parse(payloads[0] ?? "").choices[0].delta).toEqual({ role: "assistant", content: "a" });
  });

  test("the tier that served the call follows the one that was asked for", () => {
    const tiered = (service_tier: string, content: string) => ({ ...chunk({ content }), service_tier });
    const asked = decodeStream([tiered("auto", "a"), tiered("default", "b"), stop]);
    expect(fold(asked).serviceTier).toBe("default");
    const payloads = encodeStream(asked).slice(0, -1);
    expect(payloads.map((payload) => JSON.parse(payload).service_tier)).toEqual([
      "auto",
      ...payloads.slice(1).map(() => "default"),
    ]);
    expect(new Set(payloads.map((payload) => JSON.parse(payload).id)).size).toBe(1);
  });

  test("a tool call without arguments gets an empty object", () => {
    const calling = decodeStream([
      chunk(call({ index: 0, id: "a", function: { name: "f", arguments: "" } })),
      chunk({}, "tool_calls"),
    ]);
    expect(fold(decodeStream(encodeStream(calling).slice(0, -1))).choices[0]?.blocks[0]?.text).toBe("{}");
  });
});

describe("any stream", () => {
  const text = fc.string({ unit: "binary", minLength: 1, maxLength: 8 });
  const delta = fc.oneof(
    text.map((content) => ({ content })),
    text.map((reasoning_content) => ({ reasoning_content })),
    text.map((refusal) => ({ refusal })),
    fc
      .tuple(fc.nat(3), text, text)
      .map(([index, name, args]) => call({ index, id: `id${index}`, function: { name, arguments: args } })),
  );
  const payload = fc.tuple(delta, fc.nat(2)).map(([content, choice]) => chunk(content, null, choice));
  const finishes = [0, 1, 2].map((choice) => chunk({ content: "." }, "stop", choice));

  test("means the same once encoded and decoded again", () => {
    fc.assert(
      fc.property(fc.array(payload, { maxLength: 20 }), (payloads) => {
        const events = decodeStream([...payloads, ...finishes]);
        const response = expectWellFormed(events);
        const again = fold(decodeStream(encodeStream([...events]).slice(0, -1)));
        expect(meaning(again)).toEqual(meaning({ ...response, ...(again.usage && { usage: again.usage }) }));
      }),
      { numRuns: 300 },
    );
  });

  test("of random JSON or random text neither throws nor hangs, and ends once", () => {
    const names = fc.constantFrom(
      "choices",
      "delta",
      "message",
      "index",
      "tool_calls",
      "function",
      "id",
      "content",
      "error",
      "usage",
      "name",
      "finish_reason",
      "x",
    );
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 7, depthSize: "large" },
        fc.constantFrom(null, 0, -1, 1e9, "", "stop", "error", true),
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(names, tie("tree"), { maxKeys: 6 }),
      ),
    }));
    const anything = fc.oneof(
      tree.map((value) => JSON.stringify(value) ?? ""),
      fc.string({ unit: "binary" }),
      fc.constant("[DONE]"),
    );
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 8 }), (payloads) => {
        const decoder = openStreamDecoder(PLAIN_FORM);
        const events = [...payloads.flatMap((one) => decoder.step(one, undefined)), ...decoder.end()];
        expect(events.filter((event) => event.type === "error").length).toBeLessThanOrEqual(1);
        expect(decoder.step(JSON.stringify(chunk({ content: "late" })), undefined)).toEqual([]);
        expect(decoder.end()).toEqual([]);
        fold(events);
      }),
      { numRuns: 2_000 },
    );
  });
});

test("any answer keeps to OpenAI's description, whole and streamed", () => {
  fc.assert(
    fc.property(anyAnswer, (answer) => {
      const whole: unknown = JSON.parse(encodeResponse(answer, askingForUsage, receipt));
      expect(faults("CreateChatCompletionResponse", whole)).toEqual([]);
      const payloads = encodeStream(streamed(answer));
      for (const payload of payloads.slice(0, -1)) expectChunk(JSON.parse(payload));
      const again = expectWellFormed(decodeStream(payloads.slice(0, -1)));
      expect(meaning(again)).toEqual(meaning(decodeResponse(whole, PLAIN_FORM)));
    }),
    { numRuns: 100 },
  );
});
