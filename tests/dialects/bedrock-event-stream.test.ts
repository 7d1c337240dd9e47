import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { openFraming } from "../../src/dialects/bedrock-converse/event-stream/framing.ts";
import type { ServerSentEvent } from "../../src/model/dialect.ts";
import { encodeMessage, encodeRecordedEvent, type HeaderValue } from "../upstream/amazon-event-stream.ts";

/** All that a framing gives for those reads. */
function framed(chunks: readonly Uint8Array[]): readonly ServerSentEvent[] {
  const framing = openFraming();
  const events: ServerSentEvent[] = [];
  // The network's buffer is used again for the next read: what is held must be a copy.
  for (const chunk of chunks) {
    const read = chunk.slice();
    framing.push(read, (event) => events.push(event));
    read.fill(0xff);
  }
  framing.end((event) => events.push(event));
  return events;
}

function cut(bytes: Uint8Array, offsets: readonly number[]): readonly Uint8Array[] {
  const places = [...new Set(offsets.map((offset) => offset % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((start, index) => bytes.subarray(start, places[index] ?? bytes.length));
}

const event = (name: string, payload: string): Buffer =>
  encodeMessage(
    { ":event-type": name, ":content-type": "application/json", ":message-type": "event" },
    payload,
  );

const anyHeaders = fc.dictionary(
  fc.stringMatching(/^[a-z-]{1,12}$/),
  fc.oneof<fc.Arbitrary<HeaderValue>[]>(
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.boolean(),
    fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    fc.uint8Array({ maxLength: 20 }),
  ),
  { maxKeys: 4 },
);

describe("AWS's binary event stream", () => {
  test("any messages, cut anywhere, are the same events", () => {
    const message = fc.record({
      headers: anyHeaders,
      name: fc.string({ unit: "binary", maxLength: 20 }),
      payload: fc.string({ unit: "binary", maxLength: 2_000 }),
    });
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 5 }),
        fc.array(fc.nat(20_000), { maxLength: 30 }),
        (messages, offsets) => {
          const bytes = Buffer.concat(
            messages.map(({ headers, name, payload }) =>
              encodeMessage({ ...headers, ":message-type": "event", ":event-type": name }, payload),
            ),
          );
          const expected = messages.map(({ name, payload }) => ({
            event: Buffer.from(name).toString(),
            data: Buffer.from(payload).toString(),
          }));
          expect(framed(cut(bytes, offsets))).toEqual(expected);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("byte by byte", () => {
    const bytes = Buffer.concat([event("messageStart", '{"role":"assistant"}'), event("x", "é門😀")]);
    expect(framed([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual([
      { event: "messageStart", data: '{"role":"assistant"}' },
      { event: "x", data: "é門😀" },
    ]);
  });

  test("a message of another type tells of a failure", () => {
    expect(framed([encodeRecordedEvent('{"throttlingException":{"message":"slow down"}}')])).toEqual([
      { event: "exception:throttlingException", data: '{"message":"slow down"}' },
    ]);
    const error = encodeMessage(
      { ":message-type": "error", ":error-code": "InternalError", ":error-message": "broke" },
      "",
    );
    expect(framed([error])).toEqual([{ event: "exception:InternalError", data: '{"message":"broke"}' }]);
    expect(framed([encodeMessage({ ":message-type": "new-kind" }, "x"), encodeMessage({}, "y")])).toEqual([]);
  });

  test("one damaged byte anywhere is seen, and gives no event that was not sent", () => {
    const good = event("contentBlockDelta", '{"delta":{"text":"hi"}}');
    for (let at = 0; at < good.length; at++) {
      const bad = Buffer.from(good);
      bad.writeUInt8(bad.readUInt8(at) ^ 0x40, at);
      expect(() => framed([bad])).toThrow(RangeError);
    }
  });

  test("a length beyond the bound is refused at its prelude, before anything is held for it", () => {
    const prelude = encodeMessage({}, new Uint8Array(9 * 1024 * 1024)).subarray(0, 12);
    expect(() => framed([prelude])).toThrow("longer than 8388608 bytes");
  });

  test("random bytes never hang it", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), (chunks) => {
        try {
          framed(chunks);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(RangeError);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("headers that run over their end are refused", () => {
    const whole = encodeMessage({ a: "long enough" }, "");
    const message = encodeMessage({ a: "x" }, "");
    // The value's length says more than there is; checksums are right.
    const header = Buffer.from([1, 97, 7, 0, 200, 120]);
    expect(() => framed([rebuilt(header)])).toThrow("end too early");
    expect(() => framed([rebuilt(Buffer.from([1, 97, 42]))])).toThrow("unknown type");
    expect(whole.length).toBeGreaterThan(message.length);
  });

  test("a message that is not whole says nothing", () => {
    const bytes = Buffer.concat([event("a", "1"), event("b", "2")]);
    expect(framed([bytes.subarray(0, bytes.length - 1)])).toEqual([{ event: "a", data: "1" }]);
  });
});

/** A message whose header bytes are as given, with the checksums that belong to it. */
function rebuilt(headers: Buffer): Buffer {
  const { crc32 } = require("node:zlib") as typeof import("node:zlib");
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(16 + headers.length, 0);
  prelude.writeUInt32BE(headers.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const message = Buffer.concat([prelude, headers]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(message), 0);
  return Buffer.concat([message, checksum]);
}
