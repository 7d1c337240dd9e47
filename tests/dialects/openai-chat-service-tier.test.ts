import { describe, expect, test } from "bun:test";
import { openStreamScanner, scanResponse } from "../../src/dialects/openai-chat/usage-scanner.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { bytesOf, chunk } from "./chat.ts";

/** Which tier served a call decides what it costs: the scanner of passing bytes must tell it. */

function scanned(...chunks: readonly JsonObject[]): string | undefined {
  const scanner = openStreamScanner();
  for (const payload of chunks) {
    const bytes = bytesOf(`data: ${JSON.stringify(payload)}\n\n`);
    scanner.scan(bytes, 0, bytes.length);
  }
  return scanner.facts().serviceTier;
}

const at = (tier: unknown, payload: JsonObject): JsonObject => ({ ...payload, service_tier: tier });
const usage = { id: "c1", choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } };

describe("of a stream", () => {
  test("the tier is what the last chunks say", () => {
    const begun = at("auto", chunk({ content: "a" }));
    expect(scanned(begun, at("auto", chunk({ content: "b" })), at("flex", chunk({}, "stop")))).toBe("flex");
    expect(scanned(begun, chunk({}, "stop"), at("priority", usage))).toBe("priority");
  });

  test("that breaks off it is what the first chunk said", () => {
    expect(scanned(at("flex", chunk({ role: "assistant" })), chunk({ content: "a" }))).toBe("flex");
  });

  test("there is none where nothing says one, or no word", () => {
    expect(scanned(chunk({ content: "a" }), chunk({}, "stop"), usage)).toBeUndefined();
    expect(scanned(at(null, chunk({ content: "a" })), at(7, chunk({}, "stop")))).toBeUndefined();
  });

  test("text of an answer that looks like one is none", () => {
    const text = JSON.stringify({ service_tier: "flex" });
    expect(scanned(chunk({ content: text }), chunk({ content: text }, "stop"))).toBeUndefined();
  });
});

test("of a whole answer", () => {
  const choices = [{ index: 0, message: { role: "assistant", content: "a" }, finish_reason: "stop" }];
  expect(scanResponse({ choices, service_tier: "flex" }).serviceTier).toBe("flex");
  expect(scanResponse({ choices, service_tier: null }).serviceTier).toBeUndefined();
  expect(scanResponse({ choices }).serviceTier).toBeUndefined();
});
