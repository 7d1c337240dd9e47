import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeResponse } from "../../src/dialects/anthropic-messages/decode-response.ts";
import { openStreamDecoder } from "../../src/dialects/anthropic-messages/decode-stream.ts";
import { encodeResponse } from "../../src/dialects/anthropic-messages/encode-response.ts";
import { openStreamEncoder } from "../../src/dialects/anthropic-messages/encode-stream.ts";
import { openStreamScanner } from "../../src/dialects/anthropic-messages/usage-scanner.ts";
import { openStreamDecoder as openChatDecoder } from "../../src/dialects/openai-chat/decode-stream.ts";
import { SseFraming } from "../../src/dialects/stream/sse-framing.ts";
import type { ContentPart } from "../../src/model/content-part.ts";
import { PLAIN_FORM } from "../../src/model/dialect.ts";
import { fold } from "../../src/model/inference-response.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { Signature } from "../../src/model/signature.ts";
import type { StreamEvent } from "../../src/model/stream-event.ts";
import { NO_USAGE } from "../../src/model/usage.ts";
import {
  asked,
  decodeMessageStream,
  encodeMessageStream,
  messageMeaning,
  messageRequest,
} from "./anthropic.ts";
import { bytesOf, chunk, expectWellFormed, receipt, thrown } from "./chat.ts";
import { messageRecordings, readChunks } from "./recorded.ts";

const start = (usage: JsonObject = { input_tokens: 3, output_tokens: 1 }): JsonObject => ({
  type: "message_start",
  message: { id: "msg_1", type: "message", role: "assistant", model: "claude-x", content: [], usage },
});
const begin = (index: number, content_block: JsonObject): JsonObject => ({
  type: "content_block_start",
  index,
  content_block,
});
const delta = (index: number, value: JsonObject): JsonObject => ({
  type: "content_block_delta",
  index,
  delta: value,
});
const end = (index: number): JsonObject => ({ type: "content_block_stop", index });
const stop = (stop_reason: string, usage: JsonObject = { output_tokens: 9 }): JsonObject => ({
  type: "message_delta",
  delta: { stop_reason, stop_sequence: null },
  usage,
});
const DONE = { type: "message_stop" };
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

  test("any splitting of its bytes gives the same events", () => {
    const recorded = messageRecordings().filter(({ name, isStream }) => isStream && name.includes("sample"));
    fc.assert(
      fc.property(
        fc.constantFrom(...recorded),
        fc.constantFrom("\n", "\r\n", "\r"),
        fc.array(fc.nat(200), { minLength: 1, maxLength: 40 }),
        (recording, newline, sizes) => {
          const chunks = readChunks(recording);
          const text = chunks.map((data) => `event: x${newline}data: ${data}${newline}${newline}`).join("");
          const bytes = bytesOf(text);
          const framing = new SseFraming(1_000_000);
          const payloads: string[] = [];
          for (let at = 0, turn = 0; at < bytes.length; turn++) {
            const size = (sizes[turn % sizes.length] ?? 0) + 1;
            framing.push(bytes.subarray(at, at + size), ({ data }) => payloads.push(data));
            at += size;
          }
          framing.end(({ data }) => payloads.push(data));
          expect(decodeMessageStream(payloads)).toEqual(decodeMessageStream(chunks));
        },
      ),
      { numRuns: 100 },
    );
  });

  test("of random JSON or random text neither throws nor hangs, and ends once", () => {
    const names = fc.constantFrom(
      "type",
      "index",
      "message",
      "content_block",
      "delta",
      "usage",
      "content",
      "text",
      "citations",
      "citation",
      "input",
      "signature",
      "stop_reason",
      "error",
      "input_tokens",
    );
    const words = fc.constantFrom(
      "message_start",
      "content_block_start",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
      "text",
      "tool_use",
      "thinking",
      "text_delta",
      "input_json_delta",
      "error",
    );
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.oneof(words, fc.constantFrom(null, 0, -1, 1e9, true, "")),
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(names, tie("tree"), { maxKeys: 6 }),
      ),
    }));
    const event = fc.tuple(words, tree).map(([type, rest]) => ({ ...(rest as object), type }));
    const anything = fc.oneof(
      event.map((value) => JSON.stringify(value)),
      tree.map((value) => JSON.stringify(value) ?? ""),
      fc.string({ unit: "binary" }),
    );
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 10 }), (payloads) => {
        const decoder = openStreamDecoder(PLAIN_FORM);
        const scanner = openStreamScanner();
        const encoder = openStreamEncoder(asked);
        const events = [...payloads.flatMap((one) => decoder.step(one, undefined)), ...decoder.end()];
        for (const decoded of events) encoder.encode(decoded);
        encoder.close(receipt);
        expect(events.filter(({ type }) => type === "error").length).toBeLessThanOrEqual(1);
        expect(decoder.end()).toEqual([]);
        fold(events);
        for (const payload of payloads) {
          const bytes = bytesOf(`data: ${payload}\n\n`);
          scanner.scan(bytes, 0, bytes.length);
        }
        scanner.facts();
      }),
      { numRuns: 500 },
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

describe("a client's stream", () => {
  const chatEvents = (payloads: readonly JsonObject[]): readonly StreamEvent[] => {
    const decoder = openChatDecoder(PLAIN_FORM);
    return [...payloads, "[DONE]"].flatMap((payload) =>
      decoder.step(typeof payload === "string" ? payload : JSON.stringify(payload), undefined),
    );
  };
  const call = (index: number, rest: JsonObject): JsonObject => chunk({ tool_calls: [{ index, ...rest }] });
  const named = (index: number, name: string): JsonObject =>
    call(index, { id: `call_${name}`, type: "function", function: { name, arguments: "" } });
  const more = (index: number, text: string): JsonObject => call(index, { function: { arguments: text } });

  test("names an input of 0 first and the true sums last", () => {
    const usage = { prompt_tokens: 30, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 20 } };
    const payloads = encodeMessageStream(
      chatEvents([chunk({ content: "hi" }), chunk({}, "stop"), { id: "c1", choices: [], usage }]),
    );
    expect(payloads[0]).toMatchObject({
      message: { id: "c1", usage: { input_tokens: 0, output_tokens: 0 } },
    });
    expect(payloads.at(-2)).toMatchObject({
      delta: { stop_reason: "end_turn", stop_sequence: null },
      usage: { input_tokens: 10, cache_read_input_tokens: 20, output_tokens: 4 },
    });
  });

  test("parallel calls one after another, each told as soon as the one before is whole", () => {
    const encoder = openStreamEncoder(messageRequest({ stream: true }));
    const decoder = openChatDecoder(PLAIN_FORM);
    const told = [
      named(0, "f"),
      more(0, '{"a":"}'),
      named(1, "g"),
      more(1, '{"b":'),
      more(0, '\\""}'),
      more(1, "1}"),
      chunk({}, "tool_calls"),
    ].map((payload) =>
      decoder
        .step(JSON.stringify(payload), undefined)
        .map((event) => encoder.encode(event))
        .join(""),
    );
    expect(told[2]).toBe("");
    expect(told[3]).toBe("");
    // The first is whole now, so what waited of the second follows at once.
    expect(told[4]).toContain('"name":"g"');
    expect(told[4]).toContain('{\\"b\\":');
    expect(told[5]).toContain('"1}"');
  });

  test("interleaved calls fold to the calls they are", () => {
    const events = chatEvents([
      chunk({ content: "both" }),
      named(0, "f"),
      named(1, "g"),
      more(1, "{"),
      more(0, '{"x":[1,'),
      more(1, "}"),
      more(0, "2]}"),
      chunk({}, "tool_calls"),
    ]);
    const again = fold(decodeMessageStream(encodeMessageStream(events)));
    expect(again.choices[0]?.blocks).toEqual([
      { kind: "text", text: "both" },
      { kind: "tool-call", id: "call_f", name: "f", text: '{"x":[1,2]}' },
      { kind: "tool-call", id: "call_g", name: "g", text: "{}" },
    ]);
    expect(again.choices[0]?.finishReason).toBe("tool-calls");
  });

  test("a refusal, and an answer that is empty", () => {
    const refused = encodeMessageStream(chatEvents([chunk({ refusal: "I won't." }), chunk({}, "stop")]));
    expect(refused.at(-2)).toMatchObject({
      delta: { stop_reason: "refusal", stop_details: { type: "refusal" } },
    });
    const empty = encodeMessageStream(chatEvents([chunk({}, "stop")]));
    expect(empty.map(({ type }) => type)).toEqual(["message_start", "message_delta", "message_stop"]);
  });

  const signed = (
    block: Extract<StreamEvent, { type: "block-start" }>["block"],
    text: string,
    signature: Signature,
  ) =>
    [
      { type: "block-start", choice: 0, index: 0, block },
      ...(text === "" ? [] : [{ type: "block-delta", choice: 0, index: 0, text } as const]),
      { type: "signature", choice: 0, index: 0, signature },
      { type: "block-end", choice: 0, index: 0 },
      { type: "finish", choice: 0, reason: "stop", rawReason: "stop" },
    ] as const satisfies readonly StreamEvent[];

  /** What a client gives back of an answer, whole or streamed, and what of it is understood. */
  const givenBack = (events: readonly StreamEvent[]) => {
    const streamed: unknown = JSON.parse(
      encodeResponse(fold(decodeMessageStream(encodeMessageStream(events))), asked, receipt),
    );
    const whole: unknown = JSON.parse(encodeResponse(fold(events), asked, receipt));
    return [whole, streamed].map((message) => {
      const { content } = message as { content: unknown };
      return messageRequest({
        messages: [
          { role: "user", content: "x" },
          { role: "assistant", content },
        ],
      }).content().messages[1]?.content;
    });
  };

  test("every vendor's signature comes back with the next turn", () => {
    const thoughts: Signature[] = [
      { vendor: "anthropic", value: "c2ln" },
      { vendor: "openai", value: "ZW5j", id: "rs_1" },
      { vendor: "google", value: "dGhvdWdodA==" },
    ];
    for (const signature of thoughts) {
      const part: ContentPart = { kind: "reasoning", text: "hm", signature };
      expect(givenBack(signed({ kind: "reasoning" }, "hm", signature))).toEqual([[part], [part]]);
    }
    const redacted: Signature = { vendor: "anthropic", value: "cmVk", redacted: true };
    const part: ContentPart = { kind: "reasoning", text: "", signature: redacted };
    expect(givenBack(signed({ kind: "reasoning" }, "", redacted))).toEqual([[part], [part]]);
  });

  test("also those of calls and texts, which have no place here", () => {
    const signature: Signature = { vendor: "google", value: "dGhvdWdodA==" };
    const call = { kind: "tool-call", id: "a", name: "f" } as const;
    const calls: ContentPart = { ...call, arguments: '{"x":1}', signature };
    expect(givenBack(signed(call, '{"x":1}', signature))).toEqual([[calls], [calls]]);
    const text: ContentPart = { kind: "text", text: "hi", signature };
    expect(givenBack(signed({ kind: "text" }, "hi", signature))).toEqual([[text], [text]]);
  });

  test("citations of pages and documents of other vendors", () => {
    const citations = [
      { source: { kind: "url", url: "https://x.test", title: "X" }, citedText: "words" },
      { source: { kind: "document", index: 1, location: { unit: "page", start: 2, end: 3 } } },
    ] as const;
    const events: readonly StreamEvent[] = [
      { type: "block-start", choice: 0, index: 0, block: { kind: "text" } },
      { type: "block-delta", choice: 0, index: 0, text: "hi" },
      ...citations.map((citation) => ({ type: "citation", choice: 0, index: 0, citation }) as const),
      { type: "block-end", choice: 0, index: 0 },
      { type: "finish", choice: 0, reason: "stop", rawReason: "stop" },
    ];
    const payloads = encodeMessageStream(events);
    const told = payloads.flatMap(({ delta: value }) => {
      const { citation } = (value ?? {}) as { citation?: JsonObject };
      return citation === undefined ? [] : [citation];
    });
    expect(told).toEqual([
      {
        type: "web_search_result_location",
        cited_text: "words",
        url: "https://x.test",
        title: "X",
        encrypted_index: "",
      },
      {
        type: "page_location",
        cited_text: "",
        document_index: 1,
        document_title: null,
        file_id: null,
        start_page_number: 2,
        end_page_number: 3,
      },
    ]);
    const whole = JSON.parse(encodeResponse(fold(events), asked, receipt));
    expect(whole.content[0].citations).toEqual(told);
  });

  test("an image is told as Markdown, another dialect's own blocks are not told", () => {
    const events: readonly StreamEvent[] = [
      {
        type: "block-start",
        choice: 0,
        index: 0,
        block: { kind: "image", source: { from: "url", url: "https://x.test/a.png" } },
      },
      { type: "block-end", choice: 0, index: 0 },
      { type: "block-start", choice: 0, index: 1, block: { kind: "other", dialect: "gemini", value: {} } },
      { type: "block-end", choice: 0, index: 1 },
      { type: "finish", choice: 0, reason: "stop", rawReason: "stop" },
    ];
    const [block] = fold(decodeMessageStream(encodeMessageStream(events))).choices[0]?.blocks ?? [];
    expect(block).toEqual({ kind: "text", text: "![image](https://x.test/a.png)" });
  });
});

describe("any stream", () => {
  const text = fc.string({ unit: "binary", minLength: 1, maxLength: 8 });
  const block: fc.Arbitrary<readonly JsonObject[]> = fc.oneof(
    fc
      .array(text, { minLength: 1, maxLength: 3 })
      .map((texts) => [
        { type: "text", text: "" },
        ...texts.map((value) => ({ type: "text_delta", text: value })),
      ]),
    fc.tuple(text, fc.base64String({ minLength: 4 })).map(([value, signature]) => [
      { type: "thinking", thinking: "", signature: "" },
      { type: "thinking_delta", thinking: value },
      { type: "signature_delta", signature },
    ]),
    fc.base64String({ minLength: 4 }).map((data) => [{ type: "redacted_thinking", data }]),
    fc.tuple(fc.uuid(), fc.dictionary(text, text, { maxKeys: 2 })).map(([id, input]) => [
      { type: "tool_use", id, name: "f", input: {} },
      { type: "input_json_delta", partial_json: JSON.stringify(input) },
    ]),
    fc.tuple(fc.uuid(), text).map(([id, query]) => [
      { type: "server_tool_use", id, name: "web_search", input: {} },
      { type: "input_json_delta", partial_json: JSON.stringify({ query }) },
    ]),
  );

  test("means the same once encoded and decoded again, streamed and whole", () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 6 }), (blocks) => {
        const events = decodeMessageStream([
          start({ input_tokens: 5, output_tokens: 0 }),
          ...blocks.flatMap(([first = {}, ...deltas], index) => [
            begin(index, first),
            ...deltas.map((value) => delta(index, value)),
            end(index),
          ]),
          stop("end_turn"),
          DONE,
        ]);
        const response = expectWellFormed(events);
        expect(response.error).toBeUndefined();
        const streamed = fold(decodeMessageStream(encodeMessageStream(events)));
        const whole = decodeResponse(JSON.parse(encodeResponse(response, asked, receipt)), PLAIN_FORM);
        expect(messageMeaning(streamed)).toEqual(messageMeaning(response));
        expect(messageMeaning(whole)).toEqual(messageMeaning(response));
      }),
      { numRuns: 300 },
    );
  });

  test("with its usage from the receipt where the provider told none", () => {
    const events: readonly StreamEvent[] = [{ type: "finish", choice: 0, reason: "stop", rawReason: "stop" }];
    const again = fold(decodeMessageStream(encodeMessageStream(events)));
    expect(again.usage).toMatchObject({ ...NO_USAGE, inputTokens: 3, outputTokens: 2, source: "reported" });
  });
});
