import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeResponse } from "../../src/dialects/gemini/decode-response.ts";
import { scanResponse } from "../../src/dialects/gemini/usage-scanner.ts";
import { PLAIN_FORM } from "../../src/model/dialect.ts";
import { fold } from "../../src/model/inference-response.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { expectWellFormed, thrown } from "./chat.ts";
import { candidate, chunk, said, stop } from "./gemini-chunks.ts";
import { decodeGoogle, sample, sampleChunks } from "./google.ts";

const finishOf = (reason: string, parts: readonly JsonObject[] = [{ text: "a" }]) =>
  fold(decodeGoogle([chunk(candidate(parts, reason))]));

describe("ends", () => {
  test("every finish reason", () => {
    const reasonOf = (raw: string) => finishOf(raw).choices[0]?.finishReason;
    expect(reasonOf("STOP")).toBe("stop");
    for (const raw of ["MAX_TOKENS", "CONTINUATION"]) expect(reasonOf(raw)).toBe("length");
    for (const raw of [
      "SAFETY",
      "RECITATION",
      "BLOCKLIST",
      "PROHIBITED_CONTENT",
      "SPII",
      "IMAGE_SAFETY",
      "MODEL_ARMOR",
    ])
      expect(reasonOf(raw)).toBe("content-filter");
    for (const raw of ["OTHER", "LANGUAGE", "NO_IMAGE", "TOO_MANY_TOOL_CALLS", "SOMETHING_NEW"])
      expect(reasonOf(raw)).toBe("other");
  });

  test("an answer that came to nothing is a failure", () => {
    for (const raw of ["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MISSING_THOUGHT_SIGNATURE"])
      expect(finishOf(raw, []).error).toMatchObject({ code: "upstream_invalid_answer" });
  });

  test("a refused prompt is filtered, and no empty success", () => {
    expect(fold(decodeGoogle(sampleChunks("google-generate-blocked")))).toMatchObject({
      choices: [{ blocks: [], finishReason: "content-filter", rawFinishReason: "PROHIBITED_CONTENT" }],
      usage: { inputTokens: 9, outputTokens: 0 },
    });
  });

  test("no candidates and no reason is no answer", () => {
    for (const body of [{}, { candidates: [] }, { candidates: [{}] }, { usageMetadata: {} }, [], null, "x"]) {
      expect(thrown(() => decodeResponse(body, PLAIN_FORM)).code).toBe("upstream_invalid_answer");
    }
    for (const body of [{}, { candidates: [] }, [], null])
      expect(thrown(() => scanResponse(body)).code).toBe("upstream_invalid_answer");
  });

  test("a stream without a finish is interrupted, also where one of two candidates has one", () => {
    const errorOf = (payloads: readonly unknown[]) => fold(decodeGoogle(payloads)).error?.code;
    expect(errorOf([])).toBe("upstream_interrupted");
    expect(errorOf([said("a")])).toBe("upstream_interrupted");
    expect(errorOf([said("a"), chunk(candidate([{ text: "b" }], "FINISH_REASON_UNSPECIFIED"))])).toBe(
      "upstream_interrupted",
    );
    expect(
      errorOf([chunk(candidate([{ text: "a" }], "STOP", 0), candidate([{ text: "b" }], undefined, 1))]),
    ).toBe("upstream_interrupted");
    expect(errorOf([said("a"), stop])).toBeUndefined();
    expect(errorOf([said("a"), stop, "[DONE]"])).toBeUndefined();
  });

  test("an error in the stream ends it, whatever follows", () => {
    const events = decodeGoogle([said("a"), sample("google-error-503"), said("b"), stop]);
    const response = fold(events);
    expect(response.error).toMatchObject({ code: "upstream_overloaded", errorClass: "overloaded" });
    expect(response.choices[0]?.blocks[0]?.text).toBe("a");
  });

  test("what is no chunk is passed over, what is no JSON is a failure", () => {
    expect(fold(decodeGoogle([{ news: 1 }, [1], said("a"), stop])).choices[0]?.blocks[0]?.text).toBe("a");
    expect(fold(decodeGoogle([said("a"), "{oops"])).error?.code).toBe("upstream_invalid_answer");
  });
});

describe("random input", () => {
  const json = fc.oneof(
    fc.jsonValue({ maxDepth: 6 }),
    fc.string().map((text) => ({ raw: text })),
  );
  const part = fc.dictionary(
    fc.constantFrom("text", "thought", "thoughtSignature", "functionCall", "inlineData", "fileData"),
    fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constant(true), fc.string()),
  );
  const almost = fc
    .record(
      {
        content: fc.record({ parts: fc.array(part, { maxLength: 3 }) }, { requiredKeys: [] }),
        finishReason: fc.constantFrom("STOP", "", "X", 3 as unknown as string),
        index: fc.oneof(fc.nat(3), fc.constant("1")),
        groundingMetadata: json,
        logprobsResult: json,
        citationMetadata: json,
      },
      { requiredKeys: [] },
    )
    .map((one) => ({ candidates: [one], usageMetadata: { promptTokenCount: -1 } }));

  test("gives events that are well-formed, or a clear error", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(almost, json), { maxLength: 6 }), (payloads) => {
        const response = expectWellFormedOrFailed(payloads);
        expect(response.error === undefined || response.error.errorClass !== undefined).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

function expectWellFormedOrFailed(payloads: readonly unknown[]) {
  const events = decodeGoogle(payloads);
  return events.some((event) => event.type === "error") ? fold(events) : expectWellFormed(events);
}
