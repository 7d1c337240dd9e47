import { describe, expect, test } from "bun:test";
import { decodeResponse } from "../../src/dialects/anthropic-messages/decode-response.ts";
import { encodeResponse } from "../../src/dialects/anthropic-messages/encode-response.ts";
import { openStreamScanner, scanResponse } from "../../src/dialects/anthropic-messages/usage-scanner.ts";
import { PLAIN_FORM } from "../../src/model/dialect.ts";
import { fold } from "../../src/model/inference-response.ts";
import {
  asked,
  decodeMessageStream,
  encodeMessageStream,
  expectMessage,
  messageMeaning,
} from "./anthropic.ts";
import { bytesOf, expectWellFormed, receipt } from "./chat.ts";
import { messageRecordings, readChunks, readWhole } from "./recorded.ts";

const recordings = messageRecordings();

describe("whole answers", () => {
  for (const recorded of recordings.filter((one) => !one.isStream)) {
    test(recorded.name, () => {
      const body = readWhole(recorded);
      const response = decodeResponse(body, PLAIN_FORM);
      expect(response.error).toBeUndefined();
      expect(response.id).toBeString();
      expect(response.model).toBeString();
      expect(response.choices[0]?.finishReason).toBeString();
      expect(response.choices[0]?.finishReason).not.toBe("other");
      expect(response.usage?.source).toBe("reported");
      expect(response.usage).toEqual(scanResponse(body).usage ?? expect.anything());
      const written: unknown = JSON.parse(encodeResponse(response, asked, receipt));
      expectMessage(written);
      expect(messageMeaning(decodeResponse(written, PLAIN_FORM))).toEqual(messageMeaning(response));
    });
  }
});

describe("streams", () => {
  for (const recorded of recordings.filter((one) => one.isStream)) {
    const chunks = readChunks(recorded);

    test(recorded.name, () => {
      const events = decodeMessageStream(chunks);
      const response = expectWellFormed(events);
      expect(response.error).toBeUndefined();
      expect(events.filter((event) => event.type === "unknown")).toEqual([]);
      expect(response.choices[0]?.finishReason).toBeString();
      expect(response.usage?.source).toBe("reported");
      const again = fold(decodeMessageStream(encodeMessageStream(events)));
      expect(messageMeaning(again)).toEqual(messageMeaning(response));
    });

    test(`${recorded.name}, cut before its last event`, () => {
      const response = fold(decodeMessageStream(chunks.slice(0, -1)));
      expect(response.error?.code).toBe("upstream_interrupted");
    });

    test(`${recorded.name}: the scanner finds what the decoder finds`, () => {
      const events = decodeMessageStream(chunks);
      const scanner = openStreamScanner();
      const kinds = chunks.map((chunk) => {
        const bytes = bytesOf(`event: ${JSON.parse(chunk).type}\ndata: ${chunk}\n\n`);
        return scanner.scan(bytes, 0, bytes.length);
      });
      const response = fold(events);
      const facts = scanner.facts();
      expect(facts.usage).toEqual(response.usage ?? expect.anything());
      expect(facts.finishReason).toBe(response.choices[0]?.rawFinishReason ?? "");
      expect(kinds.at(-1)).toBe("terminal");
      expect(kinds.filter((kind) => kind === "error")).toEqual([]);
      const deltas = events.filter((event) => event.type === "block-delta").length;
      expect(facts.outputEvents > 0).toBe(deltas > 0 && response.choices[0]?.finishReason !== "refusal");
    });
  }
});

describe("a stream folds to what its whole form decodes to", () => {
  for (const recorded of recordings.filter((one) => !one.isStream && one.name.includes("sample"))) {
    test(recorded.name, () => {
      const path = recorded.path.replace(/\.json$/, ".chunks.txt");
      const streamed = fold(decodeMessageStream(readChunks({ ...recorded, path })));
      expect(messageMeaning(streamed)).toEqual(
        messageMeaning(decodeResponse(readWhole(recorded), PLAIN_FORM)),
      );
    });
  }
});
