import { describe, expect, test } from "bun:test";
import { decodeResponse } from "../../src/dialects/openai-chat/decode-response.ts";
import { encodeResponse } from "../../src/dialects/openai-chat/encode-response.ts";
import { scanResponse } from "../../src/dialects/openai-chat/usage-scanner.ts";
import { PLAIN_FORM } from "../../src/model/dialect.ts";
import { fold } from "../../src/model/inference-response.ts";
import {
  askingForUsage,
  decodeStream,
  encodeStream,
  expectChunk,
  expectCompletion,
  expectWellFormed,
  meaning,
  receipt,
} from "./chat.ts";
import { chatRecordings, readChunks, readWhole } from "./recorded.ts";

const recordings = chatRecordings();

describe("whole answers", () => {
  for (const recorded of recordings.filter((one) => !one.isStream)) {
    test(recorded.name, () => {
      const body = readWhole(recorded);
      const response = decodeResponse(body, PLAIN_FORM);
      expect(response.error).toBeUndefined();
      expect(response.id).toBeString();
      expect(response.model).toBeString();
      for (const choice of response.choices) {
        expect(choice.blocks.length).toBeGreaterThan(0);
        expect(choice.finishReason).toBeString();
      }
      expect(response.usage?.source).toBe("reported");
      expect(response.usage).toEqual(scanResponse(body).usage ?? expect.anything());
      const written: unknown = JSON.parse(encodeResponse(response, askingForUsage, receipt));
      expectCompletion(written);
      expect(meaning(decodeResponse(written, PLAIN_FORM))).toEqual(meaning(response));
    });
  }
});

describe("streams", () => {
  for (const recorded of recordings.filter((one) => one.isStream)) {
    test(recorded.name, () => {
      const chunks = readChunks(recorded);
      const events = decodeStream(chunks);
      const response = expectWellFormed(events);
      expect(response.error).toBeUndefined();
      expect(events.filter((event) => event.type === "unknown")).toEqual([]);
      expect(response.choices[0]?.finishReason).toBeString();
      expect(response.choices[0]?.blocks.length).toBeGreaterThan(0);
      const reported = chunks.some((line) => /"prompt_tokens"/.test(line));
      expect(response.usage?.source === "reported").toBe(reported);
      expect(decodeStream(chunks, "cut")).toEqual(events);

      const payloads = encodeStream(events);
      expect(payloads.at(-1)).toBe("[DONE]");
      for (const payload of payloads.slice(0, -1)) expectChunk(JSON.parse(payload));
      const again = fold(decodeStream(payloads.slice(0, -1)));
      expect(meaning(again)).toEqual(
        meaning(reported ? response : { ...response, usage: again.usage ?? receipt.usage }),
      );
    });

    test(`${recorded.name}, cut before its finish`, () => {
      const chunks = readChunks(recorded).filter((line) => !/"finish_reason":\s*"/.test(line));
      const response = fold(decodeStream(chunks, "cut"));
      expect(response.error?.code).toBe("upstream_interrupted");
    });
  }
});

test("reasoning and tool calls of xAI come as blocks, reasoning counted as output", () => {
  const recorded = recordings.find((one) => one.name === "xai/xai-tool-call.json");
  if (recorded === undefined) return console.log("skipped: xai/xai-tool-call.json is missing");
  const response = decodeResponse(readWhole(recorded), PLAIN_FORM);
  expect(response.choices[0]?.blocks.map((block) => block.kind)).toEqual(["reasoning", "tool-call"]);
  expect(response.usage).toMatchObject({
    inputTokens: 291,
    cachedInputTokens: 244,
    outputTokens: 215,
    reasoningTokens: 189,
  });
});
