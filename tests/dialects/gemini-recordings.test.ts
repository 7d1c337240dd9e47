import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeResponse } from "../../src/dialects/gemini/decode-response.ts";
import { encodeResponse } from "../../src/dialects/gemini/encode-response.ts";
import { openStreamScanner, scanResponse } from "../../src/dialects/gemini/usage-scanner.ts";
import { EventSplitter } from "../../src/dialects/stream/event-splitter.ts";
import { PLAIN_FORM } from "../../src/model/dialect.ts";
import { fold } from "../../src/model/inference-response.ts";
import { bytesOf, expectWellFormed, receipt } from "./chat.ts";
import { decodeGoogle, encodeGoogle, googleRecordings, saying, streaming } from "./google.ts";
import { expectAnswer } from "./google-schema.ts";
import { readChunks, readWhole } from "./recorded.ts";

const recordings = googleRecordings();
const isBlocked = (name: string): boolean => name.includes("blocked");

describe("whole answers", () => {
  for (const recorded of recordings.filter((one) => !one.isStream)) {
    test(recorded.name, () => {
      const body = readWhole(recorded);
      const response = decodeResponse(body, PLAIN_FORM);
      expect(response.error).toBeUndefined();
      expect(response.id).toBeString();
      expect(response.model).toBeString();
      expect(response.choices.length).toBeGreaterThan(0);
      for (const choice of response.choices) {
        expect(choice.finishReason).toBeString();
        if (!isBlocked(recorded.name)) expect(choice.blocks.length).toBeGreaterThan(0);
      }
      expect(response.usage?.source).toBe("reported");
      expect(response.usage).toEqual(scanResponse(body).usage ?? expect.anything());
      const written: unknown = JSON.parse(encodeResponse(response, streaming, receipt));
      expectAnswer(written);
      expect(saying(decodeResponse(written, PLAIN_FORM))).toEqual(saying(response));
    });
  }
});

describe("streams", () => {
  for (const recorded of recordings.filter((one) => one.isStream)) {
    const chunks = readChunks(recorded);

    test(recorded.name, () => {
      const events = decodeGoogle(chunks);
      const response = expectWellFormed(events);
      expect(response.error).toBeUndefined();
      expect(events.filter((event) => event.type === "unknown")).toEqual([]);
      expect(response.choices[0]?.finishReason).toBeString();
      expect(response.usage?.source).toBe("reported");

      const payloads = encodeGoogle(events);
      for (const payload of payloads) expectAnswer(JSON.parse(payload));
      expect(saying(fold(decodeGoogle(payloads)))).toEqual(saying(response));
    });

    test(`${recorded.name} passing through: what the scanner tells is what the decoder does`, () => {
      const { usage, finishReason } = scanned(chunks);
      const response = fold(decodeGoogle(chunks));
      expect(usage).toEqual(response.usage);
      expect(response.choices.map(({ rawFinishReason }) => rawFinishReason)).toContain(finishReason);
    });

    test(`${recorded.name}, cut before its finish`, () => {
      const cut = chunks.filter((line) => !/"(?:finishReason|blockReason)":\s*"/.test(line));
      expect(fold(decodeGoogle(cut)).error?.code).toBe("upstream_interrupted");
      expect(scanned(cut).finishReason).toBeUndefined();
    });
  }

  test("a stream says what the whole answer does", () => {
    const pairs = recordings.filter((one) => one.isStream && one.path.includes("samples"));
    for (const streamed of pairs) {
      const path = streamed.path.replace(".chunks.txt", ".json");
      const whole = recordings.find((one) => one.path === path);
      if (whole === undefined) continue;
      const response = decodeResponse(readWhole(whole), PLAIN_FORM);
      expect(saying(fold(decodeGoogle(readChunks(streamed))))).toEqual(saying(response));
    }
  });

  test("however the bytes are cut, the scanner tells the same", () => {
    const streams = recordings.filter((one) => one.isStream).map((one) => readChunks(one));
    const cuts = fc.array(fc.nat(4_000), { maxLength: 8 });
    fc.assert(
      fc.property(
        fc.constantFrom(...streams),
        cuts,
        fc.constantFrom("\n\n", "\r\n\r\n", "\r\r"),
        (chunks, at, end) => {
          expect(scanned(chunks, at, end)).toEqual(scanned(chunks));
        },
      ),
      { numRuns: 200 },
    );
  });
});

function scanned(chunks: readonly string[], cuts: readonly number[] = [], end = "\r\n\r\n") {
  const scanner = openStreamScanner();
  const splitter = new EventSplitter(1 << 20);
  const bytes = bytesOf(chunks.map((chunk) => `data: ${chunk}${end}`).join(""));
  const places = [
    0,
    ...[...cuts].sort((one, other) => one - other).filter((at) => at < bytes.length),
    bytes.length,
  ];
  const visit = (event: Uint8Array, start: number, stop: number): void => {
    scanner.scan(event, start, stop);
  };
  places.forEach((place, index) => {
    const next = places[index + 1];
    if (next !== undefined) splitter.push(bytes.slice(place, next), visit);
  });
  const rest = splitter.rest();
  if (rest.byteLength > 0) scanner.scan(rest, 0, rest.byteLength);
  return scanner.facts();
}
