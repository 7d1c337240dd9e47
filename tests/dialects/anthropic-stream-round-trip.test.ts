import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeResponse } from "../../src/dialects/anthropic-messages/decode-response.ts";
import { encodeResponse } from "../../src/dialects/anthropic-messages/encode-response.ts";
import { PLAIN_FORM } from "../../src/model/dialect.ts";
import { fold } from "../../src/model/inference-response.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { StreamEvent } from "../../src/model/stream-event.ts";
import { NO_USAGE } from "../../src/model/usage.ts";
import { asked, decodeMessageStream, encodeMessageStream, messageMeaning } from "./anthropic.ts";
import { begin, DONE, delta, end, start, stop } from "./anthropic-events.ts";
import { expectWellFormed, receipt } from "./chat.ts";

describe("any stream", () => {
  const text = fc.string({ unit: "binary", minLength: 1, maxLength: 8 });
  const block: fc.Arbitrary<readonly JsonObject[]> = fc.oneof(
    fc
      .array(text, { minLength: 1, maxLength: 3 })
      .map((texts) => [
        { type: "text", text: "" },
        ...texts.map((value) => ({ type: "text_delta", text: value })),
      ]),
    fc.tuple(text, fc.base64String({ minLength: 4 })).map(([value, signature]) => [
      { type: "thinking", thinking: "", signature: "" },
      { type: "thinking_delta", thinking: value },
      { type: "signature_delta", signature },
    ]),
    fc.base64String({ minLength: 4 }).map((data) => [{ type: "redacted_thinking", data }]),
    fc.tuple(fc.uuid(), fc.dictionary(text, text, { maxKeys: 2 })).map(([id, input]) => [
      { type: "tool_use", id, name: "f", input: {} },
      { type: "input_json_delta", partial_json: JSON.stringify(input) },
    ]),
    fc.tuple(fc.uuid(), text).map(([id, query]) => [
      { type: "server_tool_use", id, name: "web_search", input: {} },
      { type: "input_json_delta", partial_json: JSON.stringify({ query }) },
    ]),
  );

  test("means the same once encoded and decoded again, streamed and whole", () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 6 }), (blocks) => {
        const events = decodeMessageStream([
          start({ input_tokens: 5, output_tokens: 0 }),
          ...blocks.flatMap(([first = {}, ...deltas], index) => [
            begin(index, first),
            ...deltas.map((value) => delta(index, value)),
            end(index),
          ]),
          stop("end_turn"),
          DONE,
        ]);
        const response = expectWellFormed(events);
        expect(response.error).toBeUndefined();
        const streamed = fold(decodeMessageStream(encodeMessageStream(events)));
        const whole = decodeResponse(JSON.parse(encodeResponse(response, asked, receipt)), PLAIN_FORM);
        expect(messageMeaning(streamed)).toEqual(messageMeaning(response));
        expect(messageMeaning(whole)).toEqual(messageMeaning(response));
      }),
      { numRuns: 300 },
    );
  });

  test("with its usage from the receipt where the provider told none", () => {
    const events: readonly StreamEvent[] = [{ type: "finish", choice: 0, reason: "stop", rawReason: "stop" }];
    const again = fold(decodeMessageStream(encodeMessageStream(events)));
    expect(again.usage).toMatchObject({ ...NO_USAGE, inputTokens: 3, outputTokens: 2, source: "reported" });
  });
});
