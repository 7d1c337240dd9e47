import { describe, expect, test } from "bun:test";
import { openStreamScanner } from "../../src/dialects/openai-responses/usage-scanner.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { bytesOf } from "./chat.ts";
import { completed, delta } from "./responses-events.ts";

describe("a passing stream", () => {
  const scan = (events: readonly (string | JsonObject)[]) => {
    const scanner = openStreamScanner();
    const kinds = events.map((event) => {
      const text =
        typeof event === "string"
          ? event
          : `event: ${String(event["type"])}\ndata: ${JSON.stringify(event)}\n\n`;
      const before = ": before\n\n";
      const bytes = bytesOf(before + text);
      return scanner.scan(bytes, before.length, bytes.length);
    });
    return { kinds, facts: scanner.facts(), failure: scanner.failure() };
  };

  test("is looked at where it says something", () => {
    const usage = { input_tokens: 9, output_tokens: 4, total_tokens: 13 };
    const search = { type: "web_search_call", action: { type: "search" } };
    const { kinds, facts } = scan([
      { type: "response.created", response: {} },
      { item: { type: "message" }, type: "response.output_item.added" },
      delta("abc"),
      delta(""),
      { type: "response.output_item.done", item: search },
      { type: "response.mood" },
      completed([], { usage }),
    ]);
    expect(kinds).toEqual(["preamble", "preamble", "content", "preamble", "content", "preamble", "terminal"]);
    expect(facts).toMatchObject({ finishReason: "completed", outputBytes: 3, outputEvents: 1 });
    expect(facts.usage).toMatchObject({ inputTokens: 9, outputTokens: 4, billedToolCalls: 1 });
    expect(facts.usage?.billedTools).toEqual({ webSearch: 1 });
  });

  test("tells the tier that was asked for, and in the end the one that served", () => {
    const metadata = { service_tier: "mine" };
    const created = { type: "response.created", response: { metadata, service_tier: "auto" } };
    const served = completed([], { service_tier: "priority" });
    expect(scan([created]).facts.serviceTier).toBe("auto");
    expect(scan([created, served]).facts.serviceTier).toBe("priority");
    expect(scan([{ type: "response.created", response: { metadata } }]).facts.serviceTier).toBeUndefined();
  });

  test("whose events have no type in their payload", () => {
    const { kinds, facts } = scan([
      `event: response.completed\ndata: {"response":{"status":"completed"}}\n\n`,
    ]);
    expect([kinds, facts.finishReason]).toEqual([["terminal"], "completed"]);
  });

  test("that fails says so twice, or once", () => {
    const error = { type: "error", error: { code: "insufficient_quota", message: "no" } };
    const failed = { type: "response.failed", response: { error: { code: "server_error", message: "x" } } };
    expect(scan([error, failed])).toMatchObject({
      kinds: ["failing", "error"],
      failure: { errorClass: "quota" },
    });
    expect(scan([failed])).toMatchObject({ kinds: ["error"], failure: { errorClass: "server" } });
    expect(scan([error, completed()]).kinds).toEqual(["failing", "terminal"]);
  });

  test("a name inside a text is no member", () => {
    const { kinds, facts } = scan([delta('"type":"response.completed","delta":"x"')]);
    expect(kinds).toEqual(["content"]);
    expect(facts.finishReason).toBeUndefined();
  });
});
