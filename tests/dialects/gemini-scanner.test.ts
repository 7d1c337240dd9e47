import { expect, test } from "bun:test";
import fc from "fast-check";
import { openStreamScanner } from "../../src/dialects/gemini/usage-scanner.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { bytesOf } from "./chat.ts";
import { sample } from "./google.ts";

const candidate = (parts: readonly JsonObject[], finishReason?: string, index?: number): JsonObject => ({
  content: { role: "model", parts },
  ...(finishReason !== undefined && { finishReason }),
  ...(index !== undefined && { index }),
});
const chunk = (...candidates: readonly JsonObject[]): JsonObject => ({ candidates, responseId: "r1" });
const said = (text: string): JsonObject => chunk(candidate([{ text }]));
const stop = chunk(candidate([{ text: "" }], "STOP"));

const scan = (...chunks: readonly unknown[]) => {
  const scanner = openStreamScanner();
  const kinds = chunks.map((one) => {
    const bytes = bytesOf(typeof one === "string" ? one : `data: ${JSON.stringify(one)}\r\n\r\n`);
    return scanner.scan(bytes, 0, bytes.byteLength);
  });
  return { kinds, facts: scanner.facts(), failure: scanner.failure() };
};

test("what each event means", () => {
  const { kinds, facts } = scan(
    ": comment\n\n",
    chunk(candidate([{ text: "", thoughtSignature: "cw==" }])),
    said("ab"),
    chunk(candidate([{ functionCall: { name: "f", args: { index: 9, finishReason: "STOP" } } }])),
    { usageMetadata: { promptTokenCount: 1 } },
    stop,
    "data: [DONE]\n\n",
  );
  expect(kinds).toEqual(["preamble", "preamble", "content", "content", "preamble", "content", "terminal"]);
  expect(facts).toMatchObject({ finishReason: "STOP", outputEvents: 2, usage: { inputTokens: 1 } });
});

test("members of a call's arguments are none of the candidate's", () => {
  const tricky = {
    functionCall: { name: "f", args: { index: 5, finishReason: "STOP", candidates: [{}] } },
  };
  expect(scan(chunk(candidate([tricky]))).facts.finishReason).toBeUndefined();
  expect(scan(chunk(candidate([tricky])), stop).facts.finishReason).toBe("STOP");
  const text = '"candidates":[{"finishReason":"STOP","index":3}],"usageMetadata":{"promptTokenCount":9}';
  expect(scan(said(text)).facts).toEqual({ outputBytes: JSON.stringify(text).length - 2, outputEvents: 1 });
});

test("a finish is told only once all candidates have theirs", () => {
  const first = chunk(candidate([{ text: "a" }], "STOP", 0));
  const second = chunk(candidate([{ text: "b" }], undefined, 1));
  expect(scan(first, second).facts.finishReason).toBeUndefined();
  expect(scan(second, first, chunk(candidate([], "MAX_TOKENS", 1))).facts.finishReason).toBe("MAX_TOKENS");
});

test("an error is told with what it means", () => {
  const { kinds, failure } = scan(said("a"), sample("google-error-429-per-minute"));
  expect(kinds).toEqual(["content", "error"]);
  expect(failure).toMatchObject({ errorClass: "rate_limit", retryAfterMs: 34_400 });
});

test("random bytes never break it, and never look like an end", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), (events) => {
      const scanner = openStreamScanner();
      for (const bytes of events) scanner.scan(bytes, 0, bytes.byteLength);
      expect(scanner.facts().finishReason).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});
