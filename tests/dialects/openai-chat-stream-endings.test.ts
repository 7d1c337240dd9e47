import { describe, expect, test } from "bun:test";
import { decodeResponse } from "../../src/dialects/openai-chat/decode-response.ts";
import { PLAIN_FORM } from "../../src/model/dialect.ts";
import { fold } from "../../src/model/inference-response.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { chunk, decodeStream, thrown } from "./chat.ts";

const stop = chunk({}, "stop");

describe("usage", () => {
  const usage = (completion_tokens: number): JsonObject => ({
    prompt_tokens: 3,
    completion_tokens,
    total_tokens: 3 + completion_tokens,
  });
  const outputOf = (payloads: readonly unknown[]) => fold(decodeStream(payloads)).usage?.outputTokens;

  test("early, late, repeated, absent, null", () => {
    const text = chunk({ content: "a" });
    expect(
      outputOf([
        { ...text, usage: usage(1) },
        { ...stop, usage: usage(2) },
      ]),
    ).toBe(2);
    expect(outputOf([text, stop, { choices: [], usage: usage(4) }])).toBe(4);
    expect(outputOf([{ choices: [], usage: usage(5) }, text, stop])).toBe(5);
    expect(
      outputOf([
        { ...text, usage: null },
        { ...stop, usage: {} },
      ]),
    ).toBeUndefined();
    expect(outputOf([text, { ...stop, x_groq: { usage: usage(6) } }])).toBe(6);
  });
});

describe("how a stream ends", () => {
  const errorOf = (payloads: readonly unknown[], done: "done" | "cut" = "cut") =>
    fold(decodeStream(payloads, done)).error;
  const text = chunk({ content: "a" });

  test("without [DONE], but finished: whole", () => {
    expect(errorOf([text, stop])).toBeUndefined();
  });

  test("without a finish: interrupted", () => {
    expect(errorOf([text])?.code).toBe("upstream_interrupted");
    expect(errorOf([])?.code).toBe("upstream_interrupted");
    expect(errorOf([], "done")?.code).toBe("upstream_interrupted");
    expect(errorOf([text, chunk({ content: "b" }, "stop", 1)])?.code).toBe("upstream_interrupted");
  });

  test("with [DONE] and no finish, but an answer: whole", () => {
    expect(fold(decodeStream([text])).choices[0]).toEqual({
      blocks: [{ kind: "text", text: "a" }],
      finishReason: "other",
      rawFinishReason: "",
    });
  });

  test("with an error inside: by its class, and nothing after it", () => {
    const overloaded = { error: { message: "busy", code: 503 } };
    expect(errorOf([text, overloaded, text, stop], "done")).toMatchObject({
      code: "upstream_overloaded",
      message: "busy",
    });
    expect(decodeStream([text, overloaded, text, stop]).at(-1)?.type).toBe("error");
    expect(errorOf([{ error: { message: "x" } }])?.code).toBe("upstream_server");
    expect(errorOf([{ object: "error", message: "x", code: 400 }])?.code).toBe("upstream_refused");
    expect(errorOf([text, chunk({}, "error")])?.code).toBe("upstream_interrupted");
  });

  test("a key quoted in a provider's error stays out", () => {
    const quoted = { error: { message: "Incorrect API key provided: sk-secret", code: 401 } };
    expect(errorOf([quoted])?.message).not.toContain("sk-secret");
  });

  test("with something that is not JSON", () => {
    expect(errorOf([text, "{oops", stop])?.code).toBe("upstream_invalid_answer");
  });

  test("unknown payloads are unknown events", () => {
    const events = decodeStream([{ type: "ping" }, "3", text, stop]);
    expect(events.filter((event) => event.type === "unknown").map((event) => event.raw)).toEqual([
      { type: "ping" },
      3,
    ]);
    expect(fold(events).error).toBeUndefined();
  });
});

test("finish reasons", () => {
  const reasons = [
    "stop",
    "eos",
    "length",
    "model_length",
    "tool_calls",
    "function_call",
    "content_filter",
    "strange",
  ];
  const read = reasons.map((reason) => fold(decodeStream([chunk({ content: "a" }, reason)])).choices[0]);
  expect(read.map((choice) => choice?.finishReason)).toEqual([
    "stop",
    "stop",
    "length",
    "length",
    "tool-calls",
    "tool-calls",
    "content-filter",
    "other",
  ]);
  expect(read.map((choice) => choice?.rawFinishReason)).toEqual(reasons);
});

describe("a whole answer", () => {
  test("that is none is refused", () => {
    for (const body of [null, [], "x", {}, { choices: [] }, { choices: "x" }]) {
      expect(thrown(() => decodeResponse(body, PLAIN_FORM)).code).toBe("upstream_invalid_answer");
    }
    expect(thrown(() => decodeResponse({ error: { message: "no", code: 429 } }, PLAIN_FORM)).code).toBe(
      "upstream_rate_limit",
    );
  });
});
