import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeError } from "../../src/dialects/bedrock-converse/decode-error.ts";
import { decodeResponse } from "../../src/dialects/bedrock-converse/decode-response.ts";
import { scanResponse } from "../../src/dialects/bedrock-converse/usage-scanner.ts";
import { PLAIN_FORM } from "../../src/model/dialect.ts";
import { fold } from "../../src/model/inference-response.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { decodeStream, METADATA, STOP, whole } from "./bedrock-answers.ts";
import { expectWellFormed, thrown } from "./chat.ts";

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
