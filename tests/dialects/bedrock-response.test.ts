import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeError } from "../../src/dialects/bedrock-converse/decode-error.ts";
import { decodeResponse } from "../../src/dialects/bedrock-converse/decode-response.ts";
import { openStreamDecoder } from "../../src/dialects/bedrock-converse/decode-stream.ts";
import { openFraming } from "../../src/dialects/bedrock-converse/event-stream/framing.ts";
import { scanResponse } from "../../src/dialects/bedrock-converse/usage-scanner.ts";
import { type AnswerForm, PLAIN_FORM } from "../../src/model/dialect.ts";
import { fold, type InferenceResponse } from "../../src/model/inference-response.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { StreamEvent } from "../../src/model/stream-event.ts";
import { encodeRecordedEvent } from "../upstream/amazon-event-stream.ts";
import { expectWellFormed, meaning, thrown } from "./chat.ts";
import { allRecordingsOf, readChunks, readWhole } from "./recorded.ts";

/** The events of a stream's messages, through the binary framing. */
function decodeStream(lines: readonly unknown[], form: AnswerForm = PLAIN_FORM): readonly StreamEvent[] {
  const decoder = openStreamDecoder(form);
  const framing = openFraming();
  const events: StreamEvent[] = [];
  for (const line of lines) {
    const text = typeof line === "string" ? line : JSON.stringify(line);
    framing.push(encodeRecordedEvent(text), ({ data, event }) => events.push(...decoder.step(data, event)));
  }
  return [...events, ...decoder.end()];
}

const answer = (content: readonly JsonObject[], rest: JsonObject = {}): JsonObject => ({
  output: { message: { role: "assistant", content } },
  stopReason: "end_turn",
  usage: { inputTokens: 1, outputTokens: 2 },
  ...rest,
});
const whole = (content: readonly JsonObject[], rest: JsonObject = {}): InferenceResponse =>
  decodeResponse(answer(content, rest), PLAIN_FORM);
const STOP = { messageStop: { stopReason: "end_turn" } };
const METADATA = { metadata: { usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 } } };

const recordings = allRecordingsOf("amazon-bedrock");

describe("whole answers", () => {
  for (const recorded of recordings.filter((one) => !one.isStream)) {
    test(recorded.name, () => {
      const body = readWhole(recorded);
      const response = decodeResponse(body, PLAIN_FORM);
      expect(response.error).toBeUndefined();
      expect(response.choices[0]?.blocks.length).toBeGreaterThan(0);
      expect(response.choices[0]?.finishReason).toBeString();
      expect(response.usage?.source).toBe("reported");
      expect(scanResponse(body)).toMatchObject({ usage: response.usage, finishReason: expect.any(String) });
    });
  }
});

describe("streams", () => {
  for (const recorded of recordings.filter((one) => one.isStream)) {
    test(recorded.name, () => {
      const events = decodeStream(readChunks(recorded));
      const response = expectWellFormed(events);
      expect(response.error).toBeUndefined();
      expect(events.filter(({ type }) => type === "unknown")).toEqual([]);
      expect(response.choices[0]?.finishReason).toBeString();
      expect(response.usage?.source).toBe("reported");
    });

    test(`${recorded.name}, cut before its stop`, () => {
      const lines = readChunks(recorded).filter((line) => !line.startsWith('{"messageStop"'));
      expect(fold(decodeStream(lines)).error?.code).toBe("upstream_interrupted");
    });
  }

  for (const name of ["bedrock-chat-text", "bedrock-chat-tool-calls"]) {
    test(`${name} is the same streamed and whole`, () => {
      const [one, other] = recordings
        .filter((recorded) => recorded.name.startsWith(`amazon-bedrock/${name}.`))
        .sort((a) => (a.isStream ? -1 : 1));
      if (one === undefined || other === undefined) throw new Error("a sample is missing");
      const streamed = fold(decodeStream(readChunks(one)));
      const response = decodeResponse(readWhole(other), PLAIN_FORM);
      expect(meaning(streamed)).toEqual(meaning(response));
      expect(streamed.choices[0]?.blocks).toEqual(response.choices[0]?.blocks ?? []);
    });
  }
});

describe("blocks", () => {
  test("reasoning with its signature, shown or not", () => {
    const reasoningContent = { reasoningText: { text: "so", signature: "sig" } };
    const hidden = { redactedContent: "aGlk" };
    const expected = [
      { kind: "reasoning", text: "so", signature: { vendor: "anthropic", value: "sig" } },
      { kind: "reasoning", text: "", signature: { vendor: "anthropic", value: "aGlk", redacted: true } },
      { kind: "text", text: "hi" },
    ];
    const blocks = [{ reasoningContent }, { reasoningContent: hidden }, { text: "hi" }];
    expect(whole(blocks).choices[0]?.blocks).toEqual(expected as never);
    const delta = (contentBlockIndex: number, one: JsonObject) => ({
      contentBlockDelta: { contentBlockIndex, delta: one },
    });
    const streamed = decodeStream([
      delta(0, { reasoningContent: { text: "s" } }),
      delta(0, { reasoningContent: { text: "o" } }),
      delta(0, { reasoningContent: { signature: "sig" } }),
      { contentBlockStop: { contentBlockIndex: 0 } },
      delta(1, { reasoningContent: hidden }),
      delta(2, { text: "hi" }),
      STOP,
      METADATA,
    ]);
    expect(expectWellFormed(streamed).choices[0]?.blocks).toEqual(expected as never);
  });

  test("citations of documents, pages of the web and search results", () => {
    const citations = [
      {
        title: "Report",
        sourceContent: [{ text: "open " }, { text: "gate" }],
        location: { documentPage: { documentIndex: 1, start: 2, end: 3 } },
      },
      { location: { web: { url: "https://x.test/", domain: "x.test" } }, title: "X" },
      { source: "https://y.test/", location: { searchResultLocation: { searchResultIndex: 0 } } },
    ];
    const expected = [
      {
        source: {
          kind: "document",
          index: 1,
          title: "Report",
          location: { unit: "page", start: 2, end: 3 },
        },
        citedText: "open gate",
      },
      { source: { kind: "url", url: "https://x.test/", title: "X" } },
      { source: { kind: "url", url: "https://y.test/" } },
    ];
    const response = whole([{ citationsContent: { content: [{ text: "It is open." }], citations } }]);
    const [block] = response.choices[0]?.blocks ?? [];
    expect(block?.text).toBe("It is open.");
    expect(block?.citations?.map(({ original: _, ...rest }) => rest)).toEqual(expected as never);
    const streamed = fold(
      decodeStream([
        { contentBlockDelta: { contentBlockIndex: 0, delta: { text: "It is open." } } },
        ...citations.map((citation) => ({
          contentBlockDelta: { contentBlockIndex: 0, delta: { citation } },
        })),
        STOP,
        METADATA,
      ]),
    );
    expect(streamed.choices[0]?.blocks).toEqual(response.choices[0]?.blocks ?? []);
  });

  test("a picture, whole and in pieces", () => {
    const expected = { kind: "image", source: { from: "base64", mediaType: "image/png", data: "AAAABBBB" } };
    const response = whole([{ image: { format: "png", source: { bytes: "AAAABBBB" } } }]);
    expect(response.choices[0]?.blocks[0]).toMatchObject(expected);
    const piece = (bytes: string) => ({
      contentBlockDelta: { contentBlockIndex: 0, delta: { image: { source: { bytes } } } },
    });
    const streamed = decodeStream([
      { contentBlockStart: { contentBlockIndex: 0, start: { image: { format: "png" } } } },
      piece("AAAA"),
      piece("BBBB"),
      { contentBlockStop: { contentBlockIndex: 0 } },
      STOP,
      METADATA,
    ]);
    expect(expectWellFormed(streamed).choices[0]?.blocks[0]).toMatchObject(expected);
  });

  test("what the provider's own tools did is no call for the client", () => {
    const toolUse = { toolUseId: "t", name: "nova_grounding", type: "server_tool_use", input: { q: "x" } };
    const toolResult = { toolUseId: "t", content: [{ json: {} }] };
    const response = whole([{ toolUse }, { toolResult }, { text: "so" }]);
    expect(response.choices[0]?.blocks.map(({ kind }) => kind)).toEqual(["other", "other", "text"]);
    expect(response.choices[0]?.finishReason).toBe("stop");
    const streamed = decodeStream([
      {
        contentBlockStart: {
          contentBlockIndex: 0,
          start: { toolUse: { toolUseId: "t", name: "nova_grounding", type: "server_tool_use" } },
        },
      },
      { contentBlockDelta: { contentBlockIndex: 0, delta: { toolUse: { input: '{"q":"x"}' } } } },
      { contentBlockStop: { contentBlockIndex: 0 } },
      { contentBlockDelta: { contentBlockIndex: 1, delta: { text: "so" } } },
      STOP,
      METADATA,
    ]);
    expect(expectWellFormed(streamed).choices[0]?.blocks.map(({ kind }) => kind)).toEqual(["other", "text"]);
  });

  test("a forced tool's arguments are the text that was asked for", () => {
    const form = { jsonTool: "give_answer" };
    const toolUse = { toolUseId: "t", name: "give_answer", input: { a: "x" } };
    const response = decodeResponse(
      answer([{ text: "Here:" }, { toolUse }], { stopReason: "tool_use" }),
      form,
    );
    expect(response.choices[0]).toMatchObject({
      finishReason: "stop",
      blocks: [{ kind: "text", text: '{"a":"x"}' }],
    });
    const streamed = decodeStream(
      [
        {
          contentBlockStart: {
            contentBlockIndex: 0,
            start: { toolUse: { toolUseId: "t", name: "give_answer" } },
          },
        },
        { contentBlockDelta: { contentBlockIndex: 0, delta: { toolUse: { input: '{"a":"x"}' } } } },
        { contentBlockStop: { contentBlockIndex: 0 } },
        { messageStop: { stopReason: "tool_use" } },
        METADATA,
      ],
      form,
    );
    expect(expectWellFormed(streamed).choices[0]).toMatchObject({
      finishReason: "stop",
      blocks: [{ kind: "text", text: '{"a":"x"}' }],
    });
  });
});

describe("endings", () => {
  const reasons: readonly [string, string][] = [
    ["end_turn", "stop"],
    ["tool_use", "tool-calls"],
    ["max_tokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["stop_sequence", "stop-sequence"],
    ["guardrail_intervened", "content-filter"],
    ["content_filtered", "content-filter"],
    ["refusal", "refusal"],
    ["new_one", "other"],
  ];
  for (const [raw, reason] of reasons) {
    test(raw, () => {
      const expected = { finishReason: reason, rawFinishReason: raw };
      expect(whole([{ text: "x" }], { stopReason: raw }).choices[0]).toMatchObject(expected);
      const streamed = decodeStream([{ messageStop: { stopReason: raw } }, METADATA]);
      expect(fold(streamed).choices[0]).toMatchObject(expected);
    });
  }

  test("an output that Bedrock could make nothing of is an error", () => {
    for (const stopReason of ["malformed_model_output", "malformed_tool_use"]) {
      expect(whole([{ text: "x" }], { stopReason }).error?.code).toBe("upstream_invalid_answer");
      expect(fold(decodeStream([{ messageStop: { stopReason } }, METADATA])).error?.code).toBe(
        "upstream_invalid_answer",
      );
    }
  });

  test("which stop sequence came", () => {
    const additionalModelResponseFields = { stop_sequence: "END" };
    expect(
      whole([{ text: "x" }], { stopReason: "stop_sequence", additionalModelResponseFields }).choices[0],
    ).toMatchObject({ stopSequence: "END" });
    const within = { delta: { stop_sequence: "END" } };
    const stop = { messageStop: { stopReason: "stop_sequence", additionalModelResponseFields: within } };
    expect(fold(decodeStream([stop, METADATA])).choices[0]?.stopSequence).toBe("END");
  });

  test("metadata before the stop, after it, or not at all", () => {
    for (const lines of [
      [METADATA, STOP],
      [STOP, METADATA],
    ]) {
      const response = fold(decodeStream(lines));
      expect(response.error).toBeUndefined();
      expect(response.usage).toMatchObject({ inputTokens: 1, outputTokens: 2 });
    }
    expect(fold(decodeStream([STOP])).error).toBeUndefined();
    expect(fold(decodeStream([METADATA])).error?.code).toBe("upstream_interrupted");
    expect(fold(decodeStream([])).error?.code).toBe("upstream_interrupted");
  });

  test("nothing follows the end", () => {
    const late = { contentBlockDelta: { contentBlockIndex: 9, delta: { text: "late" } } };
    expect(JSON.stringify(decodeStream([STOP, METADATA, late]))).not.toContain("late");
  });

  test("the tier that served it, which a stream tells at its end", () => {
    expect(whole([{ text: "x" }], { serviceTier: { type: "flex" } }).serviceTier).toBe("flex");
    const metadata = { ...METADATA.metadata, serviceTier: { type: "priority" } };
    expect(fold(decodeStream([STOP, { metadata }])).serviceTier).toBe("priority");
  });
});

describe("usage", () => {
  test("input includes what was read from the cache and what was written to it", () => {
    const usage = {
      inputTokens: 10,
      outputTokens: 3,
      cacheReadInputTokens: 100,
      cacheWriteInputTokens: 50,
      cacheDetails: [
        { ttl: "1h", inputTokens: 30 },
        { ttl: "5m", inputTokens: 20 },
      ],
    };
    expect(whole([{ text: "x" }], { usage }).usage).toMatchObject({
      inputTokens: 160,
      cachedInputTokens: 100,
      cacheWrite5mTokens: 20,
      cacheWrite1hTokens: 30,
      outputTokens: 3,
      source: "reported",
      raw: usage,
    });
  });

  test("broken numbers are none", () => {
    for (const usage of [
      undefined,
      null,
      3,
      {},
      { inputTokens: -1, outputTokens: "2" },
      { inputTokens: 1e12 },
    ]) {
      expect(whole([{ text: "x" }], { usage }).usage).toBeUndefined();
    }
  });
});

describe("failures", () => {
  test("inside a stream, by their names", () => {
    const cases: readonly [string, string][] = [
      ["throttlingException", "upstream_rate_limit"],
      ["serviceUnavailableException", "upstream_overloaded"],
      ["internalServerException", "upstream_server"],
      ["modelStreamErrorException", "upstream_server"],
      ["modelTimeoutException", "upstream_timeout"],
      ["validationException", "upstream_refused"],
      ["brandNewException", "upstream_server"],
    ];
    for (const [name, code] of cases) {
      const events = decodeStream([
        { contentBlockDelta: { contentBlockIndex: 0, delta: { text: "x" } } },
        { [name]: { message: "It went wrong." } },
        STOP,
      ]);
      expect(events.at(-1)).toMatchObject({ type: "error", error: { code, message: "It went wrong." } });
    }
    const tooLong = decodeStream([
      { validationException: { message: "Input is too long for requested model." } },
    ]);
    expect(tooLong).toMatchObject([{ type: "error", error: { code: "upstream_context_too_long" } }]);
  });

  test("by status", () => {
    const cases: readonly [number, JsonObject | undefined, string][] = [
      [400, { message: "Malformed input request" }, "caller"],
      [400, { message: "prompt is too long: 210000 tokens > 200000 maximum" }, "context_too_long"],
      [
        400,
        { message: "The model returned the following errors: Input is too long for requested model." },
        "context_too_long",
      ],
      [400, { message: "You exceed your service quota" }, "quota"],
      [403, { Message: "The security token included in the request is invalid." }, "auth"],
      [404, { message: "Could not resolve the foundation model" }, "caller"],
      [408, undefined, "timeout"],
      [424, { message: "model error" }, "server"],
      [429, { message: "Too many requests" }, "rate_limit"],
      [429, { message: "Too many tokens per day, please wait before trying again." }, "quota"],
      [500, undefined, "server"],
      [503, undefined, "overloaded"],
      [400, { __type: "com.amazon.coral.service#ThrottlingException", message: "x" }, "rate_limit"],
    ];
    for (const [status, body, errorClass] of cases)
      expect(decodeError(status, body).errorClass).toBe(errorClass as never);
    expect(decodeError(403, { Message: "m" }).message).toBe("m");
  });

  test("what is no answer is said to be none", () => {
    for (const body of [undefined, [], {}, { output: {} }, { output: { message: { content: "x" } } }]) {
      expect(thrown(() => decodeResponse(body, PLAIN_FORM)).code).toBe("upstream_invalid_answer");
      expect(thrown(() => scanResponse(body)).code).toBe("upstream_invalid_answer");
    }
    expect(fold(decodeStream(['{"messageStart":[1]}'])).error?.code).toBe("upstream_invalid_answer");
  });

  test("any JSON in any event never throws, and ends every block that it began", () => {
    const name = fc.constantFrom(
      "messageStart",
      "contentBlockStart",
      "contentBlockDelta",
      "contentBlockStop",
      "messageStop",
      "metadata",
      "unheardOf",
    );
    const leaf = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom("text", "x", 0, 1));
    const payload = fc.record(
      {
        contentBlockIndex: leaf,
        delta: fc.oneof(
          leaf,
          fc.record({ text: leaf, toolUse: leaf, reasoningContent: leaf, citation: leaf }),
        ),
        start: fc.oneof(
          leaf,
          fc.record({ toolUse: fc.oneof(leaf, fc.record({ name: leaf, toolUseId: leaf })) }),
        ),
        stopReason: leaf,
        usage: leaf,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(name, payload), { maxLength: 8 }), (lines) => {
        const events = decodeStream([
          ...lines
            .filter(([event]) => event !== "messageStop" && event !== "metadata")
            .map(([event, one]) => ({ [event]: one })),
          STOP,
        ]);
        expectWellFormed(events);
        decodeStream(lines.map(([event, one]) => ({ [event]: one })));
      }),
      { numRuns: 300 },
    );
  });
});
