import { describe, expect, test } from "bun:test";
import { decodeResponse } from "../../src/dialects/openai-responses/decode-response.ts";
import { scanResponse } from "../../src/dialects/openai-responses/usage-scanner.ts";
import { PLAIN_FORM } from "../../src/model/dialect.ts";
import { fold } from "../../src/model/inference-response.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { thrown } from "./chat.ts";
import { decodeResponses } from "./responses.ts";
import { delta, response } from "./responses-events.ts";

describe("its end", () => {
  test("incomplete tells why", () => {
    const incomplete = (reason: string): JsonObject => ({
      type: "response.incomplete",
      response: response([], { status: "incomplete", incomplete_details: { reason } }),
    });
    const reasonOf = (payload: JsonObject) =>
      fold(decodeResponses([delta("a"), payload])).choices[0]?.finishReason;
    expect(reasonOf(incomplete("max_output_tokens"))).toBe("length");
    expect(reasonOf(incomplete("content_filter"))).toBe("content-filter");
    expect(reasonOf(incomplete("x_new"))).toBe("other");
  });

  test("without a terminal event it is an error, whatever came", () => {
    for (const payloads of [[], [delta("a")], [delta("a"), "[DONE]"]])
      expect(fold(decodeResponses(payloads)).error?.code).toBe("upstream_interrupted");
  });

  test("a failure has its class, in each of its forms", () => {
    const failure = (code: string, message_ = "no"): readonly JsonObject[] => [
      { type: "error", code, message: message_, param: null },
      { type: "error", error: { type: code, code, message: message_ } },
      { type: "response.failed", response: { status: "failed", error: { code, message: message_ } } },
    ];
    const classes: readonly [string, string][] = [
      ["rate_limit_exceeded", "rate_limit"],
      ["insufficient_quota", "quota"],
      ["context_length_exceeded", "context_too_long"],
      ["server_error", "server"],
      ["invalid_prompt", "caller"],
      ["bio_policy", "content_filter"],
      ["x_new", "server"],
    ];
    for (const [code, errorClass] of classes) {
      for (const payload of failure(code)) {
        const { error } = fold(decodeResponses([payload]));
        expect([code, error?.errorClass, error?.message]).toEqual([code, errorClass as never, "no"]);
      }
      const whole = response([], { status: "failed", error: { code, message: "no" } });
      expect(thrown(() => decodeResponse(whole, PLAIN_FORM)).errorClass).toBe(errorClass as never);
      expect(thrown(() => scanResponse(whole)).errorClass).toBe(errorClass as never);
    }
  });

  test("a whole answer that is none, or has not come to its end", () => {
    const codeOf = (body: unknown): string => thrown(() => decodeResponse(body, PLAIN_FORM)).code;
    expect([null, [], {}, { output: 3 }, { choices: [] }].map(codeOf)).toEqual(
      Array.from({ length: 5 }, () => "upstream_invalid_answer"),
    );
    expect(codeOf(response([], { status: "queued" }))).toBe("upstream_interrupted");
    expect(codeOf(response([], { status: "cancelled" }))).toBe("upstream_interrupted");
    expect(scanResponse(response([], { status: "queued" })).finishReason).toBeUndefined();
  });
});
