import { describe, expect, test } from "bun:test";
import { encodeResponse } from "../../src/dialects/anthropic-messages/encode-response.ts";
import { openStreamEncoder } from "../../src/dialects/anthropic-messages/encode-stream.ts";
import { openStreamDecoder as openChatDecoder } from "../../src/dialects/openai-chat/decode-stream.ts";
import type { ContentPart } from "../../src/model/content-part.ts";
import { PLAIN_FORM } from "../../src/model/dialect.ts";
import { fold } from "../../src/model/inference-response.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { Signature } from "../../src/model/signature.ts";
import type { StreamEvent } from "../../src/model/stream-event.ts";
import { asked, decodeMessageStream, encodeMessageStream, messageRequest } from "./anthropic.ts";
import { chunk, receipt } from "./chat.ts";

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
