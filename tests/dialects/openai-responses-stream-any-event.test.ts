import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { openStreamScanner } from "../../src/dialects/openai-responses/usage-scanner.ts";
import { fold } from "../../src/model/inference-response.ts";
import type { StreamEvent } from "../../src/model/stream-event.ts";
import { bytesOf, expectWellFormed } from "./chat.ts";
import { decodeResponses } from "./responses.ts";

describe("anything at all", () => {
  const member = fc.oneof(
    fc.constant(null),
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant([]),
    fc.constant({}),
  );
  const item = fc.dictionary(
    fc.constantFrom("type", "id", "name", "call_id", "content", "summary", "arguments", "encrypted_content"),
    fc.oneof(member, fc.constantFrom("message", "reasoning", "function_call", "web_search_call")),
  );
  const event = fc.dictionary(
    fc.constantFrom(
      "type",
      "item",
      "delta",
      "text",
      "part",
      "response",
      "output_index",
      "content_index",
      "error",
    ),
    fc.oneof(
      member,
      item,
      fc.constantFrom(
        "response.created",
        "response.output_item.added",
        "response.output_item.done",
        "response.output_text.delta",
        "response.reasoning_summary_text.delta",
        "response.function_call_arguments.delta",
        "response.content_part.added",
        "response.completed",
        "error",
      ),
    ),
  );

  test("never breaks the decoder or the scanner", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(event, fc.string()), { maxLength: 12 }), (events) => {
        expectWellFormedOrFailed(decodeResponses(events));
        const scanner = openStreamScanner();
        for (const one of events) {
          const bytes = bytesOf(`data: ${typeof one === "string" ? one : JSON.stringify(one)}\n\n`);
          expect(["preamble", "content", "terminal", "error", "failing"]).toContain(
            scanner.scan(bytes, 0, bytes.length),
          );
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** What a failure leaves open is nobody's to end. */
function expectWellFormedOrFailed(events: readonly StreamEvent[]): void {
  if (events.some((event) => event.type === "error")) expect(fold(events).error).toBeDefined();
  else expectWellFormed(events);
}
