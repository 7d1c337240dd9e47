import { describe, expect, test } from "bun:test";
import { decodeResponse } from "../../src/dialects/bedrock-converse/decode-response.ts";
import { scanResponse } from "../../src/dialects/bedrock-converse/usage-scanner.ts";
import { PLAIN_FORM } from "../../src/model/dialect.ts";
import { fold } from "../../src/model/inference-response.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { answer, decodeStream, METADATA, STOP, whole } from "./bedrock-answers.ts";
import { expectWellFormed, meaning } from "./chat.ts";
import { allRecordingsOf, readChunks, readWhole } from "./recorded.ts";

const recordings = allRecordingsOf("amazon-bedrock");

describe("whole answers", () => {
  for (const recorded of recordings.filter((one) => !one.isStream)) {
    test(recorded.name, () => {
      const body = readWhole(recorded);
      const response = decodeResponse(body, PLAIN_FORM);
      expect(response.error).toBeUndefined();
      expect(response.choices[0]?.blocks.length).toBeGreaterThan(0);
      expect(response.choices[0]?.finishReason).toBeString();
      expect(response.usage?.source).toBe("reported");
      expect(scanResponse(body)).toMatchObject({ usage: response.usage, finishReason: expect.any(String) });
    });
  }
});

describe("streams", () => {
  for (const recorded of recordings.filter((one) => one.isStream)) {
    test(recorded.name, () => {
      const events = decodeStream(readChunks(recorded));
      const response = expectWellFormed(events);
      expect(response.error).toBeUndefined();
      expect(events.filter(({ type }) => type === "unknown")).toEqual([]);
      expect(response.choices[0]?.finishReason).toBeString();
      expect(response.usage?.source).toBe("reported");
    });

    test(`${recorded.name}, cut before its stop`, () => {
      const lines = readChunks(recorded).filter((line) => !line.startsWith('{"messageStop"'));
      expect(fold(decodeStream(lines)).error?.code).toBe("upstream_interrupted");
    });
  }

  for (const name of ["bedrock-chat-text", "bedrock-chat-tool-calls"]) {
    test(`${name} is the same streamed and whole`, () => {
      const [one, other] = recordings
        .filter((recorded) => recorded.name.startsWith(`amazon-bedrock/${name}.`))
        .sort((a) => (a.isStream ? -1 : 1));
      if (one === undefined || other === undefined) throw new Error("a sample is missing");
      const streamed = fold(decodeStream(readChunks(one)));
      const response = decodeResponse(readWhole(other), PLAIN_FORM);
      expect(meaning(streamed)).toEqual(meaning(response));
      expect(streamed.choices[0]?.blocks).toEqual(response.choices[0]?.blocks ?? []);
    });
  }
});

describe("blocks", () => {
  test("reasoning with its signature, shown or not", () => {
    const reasoningContent = { reasoningText: { text: "so", signature: "sig" } };
    const hidden = { redactedContent: "aGlk" };
    const expected = [
      { kind: "reasoning", text: "so", signature: { vendor: "anthropic", value: "sig" } },
      { kind: "reasoning", text: "", signature: { vendor: "anthropic", value: "aGlk", redacted: true } },
      { kind: "text", text: "hi" },
    ];
    const blocks = [{ reasoningContent }, { reasoningContent: hidden }, { text: "hi" }];
    expect(whole(blocks).choices[0]?.blocks).toEqual(expected as never);
    const delta = (contentBlockIndex: number, one: JsonObject) => ({
      contentBlockDelta: { contentBlockIndex, delta: one },
    });
    const streamed = decodeStream([
      delta(0, { reasoningContent: { text: "s" } }),
      delta(0, { reasoningContent: { text: "o" } }),
      delta(0, { reasoningContent: { signature: "sig" } }),
      { contentBlockStop: { contentBlockIndex: 0 } },
      delta(1, { reasoningContent: hidden }),
      delta(2, { text: "hi" }),
      STOP,
      METADATA,
    ]);
    expect(expectWellFormed(streamed).choices[0]?.blocks).toEqual(expected as never);
  });

  test("citations of documents, pages of the web and search results", () => {
    const citations = [
      {
        title: "Report",
        sourceContent: [{ text: "open " }, { text: "gate" }],
        location: { documentPage: { documentIndex: 1, start: 2, end: 3 } },
      },
      { location: { web: { url: "https://x.test/", domain: "x.test" } }, title: "X" },
      { source: "https://y.test/", location: { searchResultLocation: { searchResultIndex: 0 } } },
    ];
    const expected = [
      {
        source: {
          kind: "document",
          index: 1,
          title: "Report",
          location: { unit: "page", start: 2, end: 3 },
        },
        citedText: "open gate",
      },
      { source: { kind: "url", url: "https://x.test/", title: "X" } },
      { source: { kind: "url", url: "https://y.test/" } },
    ];
    const response = whole([{ citationsContent: { content: [{ text: "It is open." }], citations } }]);
    const [block] = response.choices[0]?.blocks ?? [];
    expect(block?.text).toBe("It is open.");
    expect(block?.citations?.map(({ original: _, ...rest }) => rest)).toEqual(expected as never);
    const streamed = fold(
      decodeStream([
        { contentBlockDelta: { contentBlockIndex: 0, delta: { text: "It is open." } } },
        ...citations.map((citation) => ({
          contentBlockDelta: { contentBlockIndex: 0, delta: { citation } },
        })),
        STOP,
        METADATA,
      ]),
    );
    expect(streamed.choices[0]?.blocks).toEqual(response.choices[0]?.blocks ?? []);
  });

  test("a picture, whole and in pieces", () => {
    const expected = { kind: "image", source: { from: "base64", mediaType: "image/png", data: "AAAABBBB" } };
    const response = whole([{ image: { format: "png", source: { bytes: "AAAABBBB" } } }]);
    expect(response.choices[0]?.blocks[0]).toMatchObject(expected);
    const piece = (bytes: string) => ({
      contentBlockDelta: { contentBlockIndex: 0, delta: { image: { source: { bytes } } } },
    });
    const streamed = decodeStream([
      { contentBlockStart: { contentBlockIndex: 0, start: { image: { format: "png" } } } },
      piece("AAAA"),
      piece("BBBB"),
      { contentBlockStop: { contentBlockIndex: 0 } },
      STOP,
      METADATA,
    ]);
    expect(expectWellFormed(streamed).choices[0]?.blocks[0]).toMatchObject(expected);
  });

  test("what the provider's own tools did is no call for the client", () => {
    const toolUse = { toolUseId: "t", name: "nova_grounding", type: "server_tool_use", input: { q: "x" } };
    const toolResult = { toolUseId: "t", content: [{ json: {} }] };
    const response = whole([{ toolUse }, { toolResult }, { text: "so" }]);
    expect(response.choices[0]?.blocks.map(({ kind }) => kind)).toEqual(["other", "other", "text"]);
    expect(response.choices[0]?.finishReason).toBe("stop");
    const streamed = decodeStream([
      {
        contentBlockStart: {
          contentBlockIndex: 0,
          start: { toolUse: { toolUseId: "t", name: "nova_grounding", type: "server_tool_use" } },
        },
      },
      { contentBlockDelta: { contentBlockIndex: 0, delta: { toolUse: { input: '{"q":"x"}' } } } },
      { contentBlockStop: { contentBlockIndex: 0 } },
      { contentBlockDelta: { contentBlockIndex: 1, delta: { text: "so" } } },
      STOP,
      METADATA,
    ]);
    expect(expectWellFormed(streamed).choices[0]?.blocks.map(({ kind }) => kind)).toEqual(["other", "text"]);
  });

  test("a forced tool's arguments are the text that was asked for", () => {
    const form = { jsonTool: "give_answer" };
    const toolUse = { toolUseId: "t", name: "give_answer", input: { a: "x" } };
    const response = decodeResponse(
      answer([{ text: "Here:" }, { toolUse }], { stopReason: "tool_use" }),
      form,
    );
    expect(response.choices[0]).toMatchObject({
      finishReason: "stop",
      blocks: [{ kind: "text", text: '{"a":"x"}' }],
    });
    const streamed = decodeStream(
      [
        {
          contentBlockStart: {
            contentBlockIndex: 0,
            start: { toolUse: { toolUseId: "t", name: "give_answer" } },
          },
        },
        { contentBlockDelta: { contentBlockIndex: 0, delta: { toolUse: { input: '{"a":"x"}' } } } },
        { contentBlockStop: { contentBlockIndex: 0 } },
        { messageStop: { stopReason: "tool_use" } },
        METADATA,
      ],
      form,
    );
    expect(expectWellFormed(streamed).choices[0]).toMatchObject({
      finishReason: "stop",
      blocks: [{ kind: "text", text: '{"a":"x"}' }],
    });
  });
});
