import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeError } from "../../src/dialects/cohere/decode-error.ts";
import { decodeResponse } from "../../src/dialects/cohere/decode-response.ts";
import { openStreamDecoder } from "../../src/dialects/cohere/decode-stream.ts";
import { scanResponse } from "../../src/dialects/cohere/usage-scanner.ts";
import { type AnswerForm, PLAIN_FORM } from "../../src/model/dialect.ts";
import { fold } from "../../src/model/inference-response.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { StreamEvent } from "../../src/model/stream-event.ts";
import { expectWellFormed, meaning, thrown } from "./chat.ts";
import { allRecordingsOf, readChunks, readWhole } from "./recorded.ts";

function decodeStream(lines: readonly unknown[], form: AnswerForm = PLAIN_FORM): readonly StreamEvent[] {
  const decoder = openStreamDecoder(form);
  const events = lines.flatMap((line) =>
    decoder.step(typeof line === "string" ? line : JSON.stringify(line), undefined),
  );
  return [...events, ...decoder.end()];
}

const END = { type: "message-end", delta: { finish_reason: "COMPLETE" } };
const recordings = allRecordingsOf("cohere");
const chats = recordings.filter(({ name }) => !/embedding|rerank/.test(name));

describe("whole answers", () => {
  for (const recorded of chats.filter((one) => !one.isStream)) {
    test(recorded.name, () => {
      const body = readWhole(recorded);
      const response = decodeResponse(body, PLAIN_FORM);
      expect(response.error).toBeUndefined();
      expect(response.id).toBeString();
      expect(response.choices[0]?.blocks.length).toBeGreaterThan(0);
      expect(response.usage?.source).toBe("reported");
      expect(scanResponse(body).usage).toEqual(response.usage ?? expect.anything());
    });
  }
});

describe("streams", () => {
  for (const recorded of chats.filter((one) => one.isStream)) {
    test(recorded.name, () => {
      const events = decodeStream(readChunks(recorded));
      const response = expectWellFormed(events);
      expect(response.error).toBeUndefined();
      expect(events.filter(({ type }) => type === "unknown")).toEqual([]);
      expect(response.choices[0]?.finishReason).toBeString();
      expect(response.usage?.source).toBe("reported");
    });

    test(`${recorded.name}, cut before its end`, () => {
      expect(fold(decodeStream(readChunks(recorded).slice(0, -1))).error?.code).toBe("upstream_interrupted");
    });
  }

  for (const name of ["cohere-chat-text", "cohere-chat-thinking", "cohere-tool-calls"]) {
    test(`${name} is the same streamed and whole`, () => {
      const both = recordings.filter((recorded) => recorded.name.startsWith(`cohere/${name}.`));
      const stream = both.find((one) => one.isStream);
      const whole = both.find((one) => !one.isStream);
      if (stream === undefined || whole === undefined) throw new Error("a sample is missing");
      const streamed = fold(decodeStream(readChunks(stream)));
      const response = decodeResponse(readWhole(whole), PLAIN_FORM);
      expect(meaning(streamed)).toEqual(meaning(response));
      expect(streamed.choices[0]?.blocks).toEqual(response.choices[0]?.blocks ?? []);
    });
  }
});

describe("answers", () => {
  const sample = (name: string): unknown => {
    const found = recordings.find((recorded) => recorded.name === `cohere/${name}.json`);
    if (found === undefined) throw new Error(`no sample ${name}`);
    return readWhole(found);
  };

  test("a plan is reasoning, and arguments that are null are none", () => {
    const response = decodeResponse(sample("cohere-tool-calls"), PLAIN_FORM);
    expect(response.choices[0]?.blocks).toEqual([
      { kind: "reasoning", text: "I will look at the north gate and list all gates." },
      { kind: "tool-call", id: "look_1", name: "look", text: '{"gate":"north"}' },
      { kind: "tool-call", id: "list_1", name: "list_gates", text: "" },
    ]);
    expect(response.choices[0]?.finishReason).toBe("tool-calls");
  });

  test("citations name the request's documents", () => {
    const [block] = decodeResponse(sample("cohere-chat-text"), PLAIN_FORM).choices[0]?.blocks ?? [];
    expect(block?.citations?.map(({ original: _, ...rest }) => rest)).toEqual([
      {
        source: { kind: "document", index: 0, title: "Watch book" },
        citedText: "The gate was opened at dawn.",
        start: 4,
        end: 8,
      },
    ]);
  });

  test("what is billed counts, and of it what is cached for sure", () => {
    expect(decodeResponse(sample("cohere-chat-thinking"), PLAIN_FORM).usage).toMatchObject({
      inputTokens: 30,
      // 20 of 300 were not cached, so at least 10 of the 30 billed ones were.
      cachedInputTokens: 10,
      outputTokens: 40,
    });
    expect(decodeResponse(sample("cohere-chat-text"), PLAIN_FORM).usage).toMatchObject({
      inputTokens: 20,
      cachedInputTokens: 0,
      outputTokens: 6,
    });
    const { usage: _, ...silent } = sample("cohere-chat-text") as JsonObject;
    expect(decodeResponse(silent, PLAIN_FORM).usage).toBeUndefined();
  });

  test("finish reasons", () => {
    const reasons: readonly [string, string][] = [
      ["COMPLETE", "stop"],
      ["STOP_SEQUENCE", "stop-sequence"],
      ["MAX_TOKENS", "length"],
      ["TOOL_CALL", "tool-calls"],
      ["ERROR_TOXIC", "content-filter"],
      ["NEW_ONE", "other"],
    ];
    for (const [raw, reason] of reasons) {
      const body = { message: { content: [{ type: "text", text: "x" }] }, finish_reason: raw };
      expect(decodeResponse(body, PLAIN_FORM).choices[0]?.finishReason).toBe(reason as never);
    }
    const failed = [
      ["ERROR", "upstream_interrupted"],
      ["TIMEOUT", "upstream_interrupted"],
    ] as const;
    for (const [finish_reason, code] of failed) {
      const delta = { finish_reason, error: "It broke." };
      expect(fold(decodeStream([{ type: "message-end", delta }])).error).toMatchObject({
        code,
        message: "It broke.",
      });
      expect(decodeResponse({ message: {}, finish_reason }, PLAIN_FORM).error?.code).toBe(code);
    }
  });

  test("log probabilities", () => {
    const logprobs = { text: "The gate", token_ids: [1, 2], logprobs: [-0.25, -0.5] };
    const content = {
      type: "content-delta",
      delta: { message: { content: { text: "The gate" } } },
      logprobs,
    };
    expect(fold(decodeStream([content, END])).choices[0]?.blocks[0]?.tokenProbabilities).toEqual([
      { token: "The gate", logProbability: -0.75, alternatives: [] },
    ]);
  });

  test("an error told as an event, and other events", () => {
    expect(fold(decodeStream([{ message: "slow down", status_code: 429 }])).error?.code).toBe(
      "upstream_rate_limit",
    );
    expect(decodeStream([{ type: "debug", prompt: "x" }, END])[0]).toMatchObject({ type: "unknown" });
    expect(fold(decodeStream(["{", END])).error?.code).toBe("upstream_invalid_answer");
  });

  test("errors by status", () => {
    const cases: readonly [number, string, string][] = [
      [400, "invalid request: bad", "caller"],
      [400, "too many tokens: total number of tokens in the prompt cannot exceed 4081", "context_too_long"],
      [401, "invalid api token", "auth"],
      [429, "You are using a Trial key, which is limited to 1000 API calls / month.", "quota"],
      [429, "Please slow down", "rate_limit"],
      [498, "invalid token", "content_filter"],
      [500, "internal", "server"],
      [503, "unavailable", "overloaded"],
    ];
    for (const [status, message, errorClass] of cases)
      expect(decodeError(status, { message })).toEqual({ errorClass, message } as never);
  });

  test("what is no answer is said to be none; any JSON never throws in a stream", () => {
    for (const body of [undefined, [], {}, { message: "x" }])
      expect(thrown(() => decodeResponse(body, PLAIN_FORM)).code).toBe("upstream_invalid_answer");
    const type = fc.constantFrom(
      "message-start",
      "content-delta",
      "tool-call-start",
      "tool-call-delta",
      "citation-start",
    );
    const inner = fc.record({
      content: fc.jsonValue(),
      tool_calls: fc.jsonValue(),
      citations: fc.jsonValue(),
    });
    const event = fc.record(
      { type, index: fc.jsonValue(), delta: fc.oneof(fc.jsonValue(), fc.record({ message: inner })) },
      { requiredKeys: ["type"] },
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 8 }), (events) => {
        expectWellFormed(decodeStream([...events, END]));
      }),
      { numRuns: 300 },
    );
  });
});
