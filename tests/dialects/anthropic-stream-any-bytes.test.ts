import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { openStreamDecoder } from "../../src/dialects/anthropic-messages/decode-stream.ts";
import { openStreamEncoder } from "../../src/dialects/anthropic-messages/encode-stream.ts";
import { openStreamScanner } from "../../src/dialects/anthropic-messages/usage-scanner.ts";
import { SseFraming } from "../../src/dialects/stream/sse-framing.ts";
import { PLAIN_FORM } from "../../src/model/dialect.ts";
import { fold } from "../../src/model/inference-response.ts";
import { asked, decodeMessageStream } from "./anthropic.ts";
import { bytesOf, receipt } from "./chat.ts";
import { messageRecordings, readChunks } from "./recorded.ts";

describe("a provider's stream", () => {
  test("any splitting of its bytes gives the same events", () => {
    const recorded = messageRecordings().filter(({ name, isStream }) => isStream && name.includes("sample"));
    fc.assert(
      fc.property(
        fc.constantFrom(...recorded),
        fc.constantFrom("\n", "\r\n", "\r"),
        fc.array(fc.nat(200), { minLength: 1, maxLength: 40 }),
        (recording, newline, sizes) => {
          const chunks = readChunks(recording);
          const text = chunks.map((data) => `event: x${newline}data: ${data}${newline}${newline}`).join("");
          const bytes = bytesOf(text);
          const framing = new SseFraming(1_000_000);
          const payloads: string[] = [];
          for (let at = 0, turn = 0; at < bytes.length; turn++) {
            const size = (sizes[turn % sizes.length] ?? 0) + 1;
            framing.push(bytes.subarray(at, at + size), ({ data }) => payloads.push(data));
            at += size;
          }
          framing.end(({ data }) => payloads.push(data));
          expect(decodeMessageStream(payloads)).toEqual(decodeMessageStream(chunks));
        },
      ),
      { numRuns: 100 },
    );
  });

  test("of random JSON or random text neither throws nor hangs, and ends once", () => {
    const names = fc.constantFrom(
      "type",
      "index",
      "message",
      "content_block",
      "delta",
      "usage",
      "content",
      "text",
      "citations",
      "citation",
      "input",
      "signature",
      "stop_reason",
      "error",
      "input_tokens",
    );
    const words = fc.constantFrom(
      "message_start",
      "content_block_start",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
      "text",
      "tool_use",
      "thinking",
      "text_delta",
      "input_json_delta",
      "error",
    );
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.oneof(words, fc.constantFrom(null, 0, -1, 1e9, true, "")),
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(names, tie("tree"), { maxKeys: 6 }),
      ),
    }));
    const event = fc.tuple(words, tree).map(([type, rest]) => ({ ...(rest as object), type }));
    const anything = fc.oneof(
      event.map((value) => JSON.stringify(value)),
      tree.map((value) => JSON.stringify(value) ?? ""),
      fc.string({ unit: "binary" }),
    );
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 10 }), (payloads) => {
        const decoder = openStreamDecoder(PLAIN_FORM);
        const scanner = openStreamScanner();
        const encoder = openStreamEncoder(asked);
        const events = [...payloads.flatMap((one) => decoder.step(one, undefined)), ...decoder.end()];
        for (const decoded of events) encoder.encode(decoded);
        encoder.close(receipt);
        expect(events.filter(({ type }) => type === "error").length).toBeLessThanOrEqual(1);
        expect(decoder.end()).toEqual([]);
        fold(events);
        for (const payload of payloads) {
          const bytes = bytesOf(`data: ${payload}\n\n`);
          scanner.scan(bytes, 0, bytes.length);
        }
        scanner.facts();
      }),
      { numRuns: 500 },
    );
  });
});
