import { describe, expect, test } from "bun:test";
import { decodeResponse } from "../../src/dialects/anthropic-messages/decode-response.ts";
import { openStreamScanner } from "../../src/dialects/anthropic-messages/usage-scanner.ts";
import { PLAIN_FORM } from "../../src/model/dialect.ts";
import { fold } from "../../src/model/inference-response.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { decodeMessageStream } from "./anthropic.ts";
import { begin, DONE, delta, end, start, stop } from "./anthropic-events.ts";
import { bytesOf, expectWellFormed, thrown } from "./chat.ts";

const said = (text: string, index = 0): readonly JsonObject[] => [
  begin(index, { type: "text", text: "" }),
  delta(index, { type: "text_delta", text }),
  end(index),
];

const blocksOf = (payloads: readonly JsonObject[]) =>
  expectWellFormed(decodeMessageStream([start(), ...payloads, stop("end_turn"), DONE])).choices[0]?.blocks;

describe("a provider's stream", () => {
  test("pings, unknown events, unknown blocks and deltas", () => {
    const events = decodeMessageStream([
      start(),
      { type: "ping" },
      { type: "aurora", at: 1 },
      begin(0, { type: "compaction", content: null }),
      delta(0, { type: "compaction_delta", content: "so far", encrypted_content: "x" }),
      end(0),
      begin(1, { type: "text", text: "" }),
      delta(1, { type: "text_delta", text: "hi" }),
      delta(1, { type: "sparkle_delta", glitter: 1 }),
      end(1),
      stop("end_turn"),
      DONE,
    ]);
    const value = { type: "compaction", content: "so far", encrypted_content: "x" };
    expect(expectWellFormed(events).choices[0]?.blocks).toEqual([
      { kind: "other", dialect: "anthropic-messages", value, text: "" },
      { kind: "text", text: "hi" },
    ]);
    expect(events.filter(({ type }) => type === "unknown")).toHaveLength(2);
  });

  test("a tool's input whole with its beginning, in fragments, or absent", () => {
    const call = (id: string, input: unknown) => ({ type: "tool_use", id, name: "f", input });
    const payloads = [
      begin(0, call("a", { x: 1 })),
      end(0),
      begin(1, call("b", {})),
      delta(1, { type: "input_json_delta", partial_json: '{"y"' }),
      delta(1, { type: "input_json_delta", partial_json: ":2}" }),
      end(1),
      begin(2, call("c", {})),
      end(2),
    ];
    expect(blocksOf(payloads)?.map(({ text }) => text)).toEqual(['{"x":1}', '{"y":2}', ""]);
  });

  test("text or thinking with its beginning, a block never ended, deltas without a beginning", () => {
    const payloads = [
      delta(7, { type: "text_delta", text: "lost" }),
      begin(0, { type: "thinking", thinking: "hm", signature: "c2ln" }),
      begin(1, { type: "text", text: "hel" }),
      delta(1, { type: "text_delta", text: "lo" }),
    ];
    expect(blocksOf(payloads)).toEqual([
      { kind: "reasoning", text: "hm", signature: { vendor: "anthropic", value: "c2ln" } },
      { kind: "text", text: "hello" },
    ]);
  });

  test("usage is the sum so far, told early, late, in parts or repeatedly", () => {
    const first = {
      input_tokens: 10,
      cache_creation_input_tokens: 30,
      cache_read_input_tokens: 5,
      cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 },
      output_tokens: 1,
    };
    const payloads = [
      start(first),
      ...said("hi"),
      { type: "message_delta", delta: {}, usage: { output_tokens: 4 } },
      stop("end_turn", { input_tokens: 12, cache_creation_input_tokens: null, output_tokens: 7 }),
      DONE,
    ];
    expect(fold(decodeMessageStream(payloads)).usage).toMatchObject({
      inputTokens: 47,
      cachedInputTokens: 5,
      cacheWrite5mTokens: 10,
      cacheWrite1hTokens: 20,
      outputTokens: 7,
      source: "reported",
    });
  });

  test("an error event, whatever its class", () => {
    const failing = (type: string) =>
      fold(
        decodeMessageStream([start(), ...said("a"), { type: "error", error: { type, message: "m" } }, DONE]),
      ).error?.code;
    expect(failing("overloaded_error")).toBe("upstream_overloaded");
    expect(failing("rate_limit_error")).toBe("upstream_rate_limit");
    expect(failing("invalid_request_error")).toBe("upstream_refused");
    expect(failing("authentication_error")).toBe("upstream_authentication");
    expect(failing("made_up_error")).toBe("upstream_server");
  });

  test("an end without `message_stop`, or without a reason, is none", () => {
    for (const payloads of [
      [],
      [start()],
      [start(), ...said("a")],
      [start(), ...said("a"), stop("end_turn")],
    ])
      expect(fold(decodeMessageStream(payloads)).error?.code).toBe("upstream_interrupted");
    expect(fold(decodeMessageStream([start(), ...said("a"), DONE])).error?.code).toBe("upstream_interrupted");
    expect(fold(decodeMessageStream([start(), "{broken", DONE])).error?.code).toBe("upstream_invalid_answer");
  });

  test("whole answers that are none", () => {
    const wrong = (body: unknown) => thrown(() => decodeResponse(body, PLAIN_FORM)).code;
    expect(wrong("text")).toBe("upstream_invalid_answer");
    expect(wrong({ choices: [] })).toBe("upstream_invalid_answer");
    expect(wrong({ type: "error", error: { type: "overloaded_error", message: "m" } })).toBe(
      "upstream_overloaded",
    );
  });
});

describe("the scanner", () => {
  test("knows text from what only looks like it, and an answer from its preamble", () => {
    const scan = (payload: JsonObject): string => {
      const bytes = bytesOf(`event: ${payload["type"]}\ndata: ${JSON.stringify(payload)}\n\n`);
      return openStreamScanner().scan(bytes, 0, bytes.length);
    };
    expect(scan(start())).toBe("preamble");
    expect(scan({ type: "ping" })).toBe("preamble");
    expect(scan(begin(0, { type: "text", text: "" }))).toBe("preamble");
    expect(scan(begin(0, { type: "tool_use", id: "a", name: "f", input: {} }))).toBe("content");
    expect(scan(delta(0, { type: "text_delta", text: "" }))).toBe("preamble");
    expect(scan(delta(0, { type: "text_delta", text: 'a"\\' }))).toBe("content");
    expect(scan(delta(0, { type: "signature_delta", signature: "c2ln" }))).toBe("preamble");
    expect(scan({ index: 0, delta: { type: "text_delta", text: "x" }, type: "content_block_delta" })).toBe(
      "content",
    );
    expect(scan(stop("end_turn"))).toBe("content");
    expect(scan(DONE)).toBe("terminal");
    expect(scan({ type: "error", error: { type: "overloaded_error", message: "m" } })).toBe("error");
  });

  test("gives a reason only for a stream that is complete", () => {
    const scanner = openStreamScanner();
    const scan = (payload: JsonObject): void => {
      const bytes = bytesOf(`data: ${JSON.stringify(payload)}\n\n`);
      scanner.scan(bytes, 0, bytes.length);
    };
    for (const payload of [start(), ...said("abc"), stop("end_turn")]) scan(payload);
    expect(scanner.facts()).toMatchObject({ outputBytes: 3, outputEvents: 1, usage: { inputTokens: 3 } });
    expect(scanner.facts()).not.toHaveProperty("finishReason");
    scan(DONE);
    expect(scanner.facts().finishReason).toBe("end_turn");
  });
});
