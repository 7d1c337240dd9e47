import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeResponse } from "../../src/dialects/gemini/decode-response.ts";
import { encodeResponse } from "../../src/dialects/gemini/encode-response.ts";
import { PLAIN_FORM } from "../../src/model/dialect.ts";
import { type Block, fold } from "../../src/model/inference-response.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { expectWellFormed, receipt } from "./chat.ts";
import { candidate, chunk, said, stop } from "./gemini-chunks.ts";
import { decodeGoogle, sample, sampleChunks, streaming } from "./google.ts";
import { expectAnswer } from "./google-schema.ts";

const blocksOf = (payloads: readonly unknown[]): readonly Block[] =>
  expectWellFormed(decodeGoogle(payloads)).choices[0]?.blocks ?? [];

describe("blocks", () => {
  test("thoughts, text and their proofs", () => {
    expect(blocksOf(sampleChunks("google-generate-thoughts"))).toEqual([
      { kind: "reasoning", text: "Who is on duty?" },
      {
        kind: "text",
        text: "Ada is.",
        signature: { vendor: "google", value: "c2lnbmF0dXJlLW9mLWEtdGV4dA==" },
      },
    ]);
  });

  test("a proof without any text is a thought that nobody is shown", () => {
    const call = { functionCall: { name: "f", args: {} } };
    const blocks = blocksOf([
      chunk(candidate([call])),
      chunk(candidate([{ text: "", thoughtSignature: "cw==" }], "STOP")),
    ]);
    expect(blocks.map(({ kind }) => kind)).toEqual(["tool-call", "reasoning"]);
    expect(blocks[1]).toEqual({
      kind: "reasoning",
      text: "",
      signature: { vendor: "google", value: "cw==" },
    });
  });

  test("calls come whole; STOP behind one means that it is to be answered", () => {
    const response = fold(decodeGoogle(sampleChunks("google-generate-calls")));
    expect(response.choices[0]).toMatchObject({ finishReason: "tool-calls", rawFinishReason: "STOP" });
    expect(response.choices[0]?.blocks).toEqual([
      {
        kind: "tool-call",
        id: "fc-1",
        name: "open_gate",
        text: '{"gate":"north","seconds":30}',
        signature: { vendor: "google", value: "c2lnbmF0dXJlLW9mLWEtY2FsbA==" },
      },
      { kind: "tool-call", id: "fc-2", name: "ring_bell", text: "{}" },
    ]);
  });

  test("a call without id is given one: the same for the same answer, another for each call", () => {
    const call = { functionCall: { name: "f", args: {} } };
    const ids = blocksOf([chunk(candidate([call, call], "STOP"))]).map((block) => "id" in block && block.id);
    expect(ids).toEqual(["call_r1_0_0", "call_r1_0_1"]);
    const { responseId: _id, ...anonymous } = chunk(candidate([call], "STOP"));
    const [first] = blocksOf([anonymous]);
    const [second] = blocksOf([anonymous]);
    expect(first).not.toEqual(second);
  });

  test("arguments in pieces give the same JSON, in deltas", () => {
    const events = decodeGoogle(sampleChunks("google-generate-partial-arguments"));
    const deltas = events.flatMap((event) => (event.type === "block-delta" ? [event.text] : []));
    expect(deltas.length).toBeGreaterThan(3);
    expect(JSON.parse(deltas.join(""))).toEqual({
      letter: { lines: ['Dear "Ada",\nopen up.', "G."] },
      stamps: 2,
      urgent: true,
      "return to": null,
    });
    expect(expectWellFormed(events).choices[0]?.finishReason).toBe("tool-calls");
  });

  test("a call in pieces whose end was not said ends with what follows", () => {
    const pieces = [
      { functionCall: { name: "f", willContinue: true } },
      { functionCall: { partialArgs: [{ jsonPath: "$.a", numberValue: 1 }], willContinue: true } },
    ];
    const asChunks = pieces.map((part) => chunk(candidate([part])));
    for (const next of [stop, chunk(candidate([{ functionCall: { name: "g", args: {} } }], "STOP"))]) {
      expect(blocksOf([...asChunks, next])[0]).toMatchObject({ name: "f", text: '{"a":1}' });
    }
    expect(blocksOf([asChunks[0], chunk(candidate([{ functionCall: {} }], "STOP"))])[0]?.text).toBe("{}");
  });

  test("images, and what only this dialect has a word for", () => {
    const image = decodeResponse(sample("google-generate-image"), PLAIN_FORM).choices[0]?.blocks;
    expect(image).toMatchObject([
      { kind: "text", text: "Here it is." },
      { kind: "image", source: { from: "base64", mediaType: "image/png", data: "iVBORw0KGgo=" } },
    ]);
    const code = decodeResponse(sample("google-generate-code"), PLAIN_FORM).choices[0]?.blocks;
    expect(code?.map(({ kind }) => kind)).toEqual(["other", "other", "text"]);
  });

  test("several candidates, interleaved, each with its own end", () => {
    const { choices } = fold(decodeGoogle(sampleChunks("google-generate-candidates")));
    expect(choices.map(({ blocks, finishReason }) => [blocks[0]?.text, finishReason])).toEqual([
      ["Yes.", "stop"],
      ["No, and this goes on", "length"],
    ]);
    expect(choices[0]?.blocks[0]?.tokenProbabilities).toEqual([
      {
        token: "Yes",
        logProbability: -0.1,
        alternatives: [
          { token: "Yes", logProbability: -0.1 },
          { token: "No", logProbability: -2.5 },
        ],
      },
      { token: ".", logProbability: 0, alternatives: [{ token: ".", logProbability: 0 }] },
    ]);
  });

  test("an index out of all bounds is passed over", () => {
    expect(
      fold(decodeGoogle([chunk(candidate([{ text: "a" }], undefined, 4e9)), said("b"), stop])).choices,
    ).toHaveLength(1);
  });
});

describe("citations", () => {
  test("places in bytes become places in our text, whole and streamed", () => {
    const whole = decodeResponse(sample("google-generate-grounded"), PLAIN_FORM).choices[0]?.blocks[0];
    const cited = whole?.citations?.map(({ source, start, end, citedText }) => [
      source.kind === "url" ? source.url : source.title,
      whole.text.slice(start, end),
      citedText,
    ]);
    expect(cited).toEqual([
      ["https://gate.test/keeper", "Der Zöllner heißt Ödön 🚪.", undefined],
      ["https://gate.test/keeper", "He opens at six.", undefined],
      ["hours.pdf", "He opens at six.", "Open from six."],
    ]);
  });

  test("a place that is not where its words are is found by the words; without words or place it is all of it", () => {
    const grounded = (grounding: JsonObject) => {
      const answer = chunk({ ...candidate([{ text: "One. Two." }], "STOP"), groundingMetadata: grounding });
      return blocksOf([answer])[0]?.citations?.map(({ start, end }) => [start, end]);
    };
    const groundingChunks = [{ web: { uri: "https://x.test" } }];
    const support = (segment: JsonObject) => ({
      groundingChunks,
      groundingSupports: [{ segment, groundingChunkIndices: [0, 7] }],
    });
    expect(grounded(support({ startIndex: 1, endIndex: 3, text: "Two." }))).toEqual([[5, 9]]);
    expect(grounded(support({ startIndex: 0, endIndex: 4 }))).toEqual([[0, 4]]);
    expect(grounded(support({ text: "Three." }))).toEqual([[undefined, undefined]]);
    expect(grounded({ groundingChunks })).toEqual([[undefined, undefined]]);
    expect(grounded({})).toBeUndefined();
  });

  test("long quotations, under either name", () => {
    for (const name of ["citationSources", "citations"]) {
      const citationMetadata = {
        [name]: [{ startIndex: 5, endIndex: 9, uri: "https://q.test" }, { license: "MIT" }],
      };
      const [block] = blocksOf([
        chunk({ ...candidate([{ text: "One. Two." }], "RECITATION"), citationMetadata }),
      ]);
      expect(block?.citations).toEqual([
        { source: { kind: "url", url: "https://q.test" }, start: 5, end: 9 },
      ]);
    }
  });

  test("of any text, a place comes back as it was", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", minLength: 1 }),
        fc.string({ unit: "grapheme" }),
        (before, after) => {
          const text = before + after;
          const source = { kind: "url", url: "https://x.test" } as const;
          const response = {
            choices: [
              {
                blocks: [
                  { kind: "text", text, citations: [{ source, start: 0, end: before.length }] },
                ] as Block[],
              },
            ],
          };
          const written = JSON.parse(encodeResponse(response, streaming, receipt));
          expectAnswer(written);
          const [cited] = decodeResponse(written, PLAIN_FORM).choices[0]?.blocks[0]?.citations ?? [];
          expect(cited).toMatchObject({ start: 0, end: before.length });
        },
      ),
    );
  });
});
