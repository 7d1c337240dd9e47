import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeResponse } from "../../src/dialects/gemini/decode-response.ts";
import { openStreamDecoder } from "../../src/dialects/gemini/decode-stream.ts";
import { encodeResponse } from "../../src/dialects/gemini/encode-response.ts";
import { scanResponse } from "../../src/dialects/gemini/usage-scanner.ts";
import { PLAIN_FORM } from "../../src/model/dialect.ts";
import { type Block, fold } from "../../src/model/inference-response.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { decodeStream, expectWellFormed, receipt, thrown } from "./chat.ts";
import { decodeGoogle, encodeGoogle, sample, sampleChunks, saying, streaming } from "./google.ts";
import { expectAnswer } from "./google-schema.ts";

const candidate = (parts: readonly JsonObject[], finishReason?: string, index?: number): JsonObject => ({
  content: { role: "model", parts },
  ...(finishReason !== undefined && { finishReason }),
  ...(index !== undefined && { index }),
});
const chunk = (...candidates: readonly JsonObject[]): JsonObject => ({
  candidates,
  responseId: "r1",
  modelVersion: "gemini-x",
});
const said = (text: string): JsonObject => chunk(candidate([{ text }]));
const stop = chunk(candidate([{ text: "" }], "STOP"));
const blocksOf = (payloads: readonly unknown[]): readonly Block[] =>
  expectWellFormed(decodeGoogle(payloads)).choices[0]?.blocks ?? [];
const finishOf = (reason: string, parts: readonly JsonObject[] = [{ text: "a" }]) =>
  fold(decodeGoogle([chunk(candidate(parts, reason))]));

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

describe("ends", () => {
  test("every finish reason", () => {
    const reasonOf = (raw: string) => finishOf(raw).choices[0]?.finishReason;
    expect(reasonOf("STOP")).toBe("stop");
    for (const raw of ["MAX_TOKENS", "CONTINUATION"]) expect(reasonOf(raw)).toBe("length");
    for (const raw of [
      "SAFETY",
      "RECITATION",
      "BLOCKLIST",
      "PROHIBITED_CONTENT",
      "SPII",
      "IMAGE_SAFETY",
      "MODEL_ARMOR",
    ])
      expect(reasonOf(raw)).toBe("content-filter");
    for (const raw of ["OTHER", "LANGUAGE", "NO_IMAGE", "TOO_MANY_TOOL_CALLS", "SOMETHING_NEW"])
      expect(reasonOf(raw)).toBe("other");
  });

  test("an answer that came to nothing is a failure", () => {
    for (const raw of ["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MISSING_THOUGHT_SIGNATURE"])
      expect(finishOf(raw, []).error).toMatchObject({ code: "upstream_invalid_answer" });
  });

  test("a refused prompt is filtered, and no empty success", () => {
    expect(fold(decodeGoogle(sampleChunks("google-generate-blocked")))).toMatchObject({
      choices: [{ blocks: [], finishReason: "content-filter", rawFinishReason: "PROHIBITED_CONTENT" }],
      usage: { inputTokens: 9, outputTokens: 0 },
    });
  });

  test("no candidates and no reason is no answer", () => {
    for (const body of [{}, { candidates: [] }, { candidates: [{}] }, { usageMetadata: {} }, [], null, "x"]) {
      expect(thrown(() => decodeResponse(body, PLAIN_FORM)).code).toBe("upstream_invalid_answer");
    }
    for (const body of [{}, { candidates: [] }, [], null])
      expect(thrown(() => scanResponse(body)).code).toBe("upstream_invalid_answer");
  });

  test("a stream without a finish is interrupted, also where one of two candidates has one", () => {
    const errorOf = (payloads: readonly unknown[]) => fold(decodeGoogle(payloads)).error?.code;
    expect(errorOf([])).toBe("upstream_interrupted");
    expect(errorOf([said("a")])).toBe("upstream_interrupted");
    expect(errorOf([said("a"), chunk(candidate([{ text: "b" }], "FINISH_REASON_UNSPECIFIED"))])).toBe(
      "upstream_interrupted",
    );
    expect(
      errorOf([chunk(candidate([{ text: "a" }], "STOP", 0), candidate([{ text: "b" }], undefined, 1))]),
    ).toBe("upstream_interrupted");
    expect(errorOf([said("a"), stop])).toBeUndefined();
    expect(errorOf([said("a"), stop, "[DONE]"])).toBeUndefined();
  });

  test("an error in the stream ends it, whatever follows", () => {
    const events = decodeGoogle([said("a"), sample("google-error-503"), said("b"), stop]);
    const response = fold(events);
    expect(response.error).toMatchObject({ code: "upstream_overloaded", errorClass: "overloaded" });
    expect(response.choices[0]?.blocks[0]?.text).toBe("a");
  });

  test("what is no chunk is passed over, what is no JSON is a failure", () => {
    expect(fold(decodeGoogle([{ news: 1 }, [1], said("a"), stop])).choices[0]?.blocks[0]?.text).toBe("a");
    expect(fold(decodeGoogle([said("a"), "{oops"])).error?.code).toBe("upstream_invalid_answer");
  });
});

describe("random input", () => {
  const json = fc.oneof(
    fc.jsonValue({ maxDepth: 6 }),
    fc.string().map((text) => ({ raw: text })),
  );
  const part = fc.dictionary(
    fc.constantFrom("text", "thought", "thoughtSignature", "functionCall", "inlineData", "fileData"),
    fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constant(true), fc.string()),
  );
  const almost = fc
    .record(
      {
        content: fc.record({ parts: fc.array(part, { maxLength: 3 }) }, { requiredKeys: [] }),
        finishReason: fc.constantFrom("STOP", "", "X", 3 as unknown as string),
        index: fc.oneof(fc.nat(3), fc.constant("1")),
        groundingMetadata: json,
        logprobsResult: json,
        citationMetadata: json,
      },
      { requiredKeys: [] },
    )
    .map((one) => ({ candidates: [one], usageMetadata: { promptTokenCount: -1 } }));

  test("gives events that are well-formed, or a clear error", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(almost, json), { maxLength: 6 }), (payloads) => {
        const response = expectWellFormedOrFailed(payloads);
        expect(response.error === undefined || response.error.errorClass !== undefined).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

function expectWellFormedOrFailed(payloads: readonly unknown[]) {
  const events = decodeGoogle(payloads);
  return events.some((event) => event.type === "error") ? fold(events) : expectWellFormed(events);
}

describe("answers of other dialects", () => {
  test("OpenAI's stream, in Google's words: calls whole, usage and ends in the last chunk", () => {
    const delta = (value: JsonObject, finish_reason: string | null = null): JsonObject => ({
      id: "c1",
      model: "gpt",
      choices: [{ index: 0, delta: value, finish_reason }],
    });
    const call = (rest: JsonObject): JsonObject => delta({ tool_calls: [{ index: 0, ...rest }] });
    const payloads = encodeGoogle(
      decodeStream([
        delta({ reasoning_content: "hm" }),
        delta({ content: "Yes" }),
        call({ id: "t1", function: { name: "f", arguments: '{"a":' } }),
        call({ function: { arguments: "12345678901234567890}" } }),
        delta({}, "tool_calls"),
        { choices: [], usage: { prompt_tokens: 9, completion_tokens: 7, total_tokens: 16 } },
      ]),
    );
    expect(payloads.join("\n")).toContain('"args":{"a":12345678901234567890}');
    const chunks = payloads.map((payload): JsonObject => JSON.parse(payload));
    for (const one of chunks) expectAnswer(one);
    expect(chunks.map(({ candidates }) => (candidates as readonly JsonObject[])[0]?.["content"])).toEqual([
      { role: "model", parts: [{ text: "hm", thought: true }] },
      { role: "model", parts: [{ text: "Yes" }] },
      {
        role: "model",
        parts: [{ functionCall: { id: "t1", name: "f", args: { a: Number("12345678901234567890") } } }],
      },
      { role: "model", parts: [{ text: "" }] },
    ]);
    expect(chunks.at(-1)).toMatchObject({
      candidates: [{ finishReason: "STOP", index: 0 }],
      usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 7, totalTokenCount: 16 },
      modelVersion: "gpt",
      responseId: "c1",
    });
    expect(chunks.filter((one) => "usageMetadata" in one)).toHaveLength(1);
  });

  test("arguments that are no object are kept as one argument", () => {
    const blocks = [
      { kind: "tool-call", id: "1", name: "f", text: "not json" },
      { kind: "tool-call", id: "2", name: "g", text: "go", freeForm: true },
      { kind: "tool-call", id: "3", name: "h", text: "" },
    ] as const;
    const written = JSON.parse(encodeResponse({ choices: [{ blocks }] }, streaming, receipt));
    expectAnswer(written);
    expect(written.candidates[0].content.parts.map((part: JsonObject) => part["functionCall"])).toEqual([
      { id: "1", name: "f", args: { input: "not json" } },
      { id: "2", name: "g", args: { input: "go" } },
      { id: "3", name: "h", args: {} },
    ]);
  });

  test("another vendor's proof comes wrapped in base64, as bytes do, and is known again", () => {
    const signature = { vendor: "anthropic", value: "EqQBCg==", redacted: true } as const;
    const response = { choices: [{ blocks: [{ kind: "reasoning", text: "", signature }] as Block[] }] };
    const written = JSON.parse(encodeResponse(response, streaming, receipt));
    const [part] = written.candidates[0].content.parts;
    expect(part.thoughtSignature).toMatch(/^[A-Za-z0-9+/]+=*$/);
    expect(decodeResponse(written, PLAIN_FORM).choices[0]?.blocks).toEqual(
      response.choices[0]?.blocks as Block[],
    );
  });

  test("a stream folds to what the whole answer is, through both encoders", () => {
    const events = decodeGoogle(sampleChunks("google-generate-thoughts"));
    const streamed = fold(decodeGoogle(encodeGoogle(events)));
    const whole = JSON.parse(encodeResponse(fold(events), streaming, receipt));
    expect(saying(decodeResponse(whole, PLAIN_FORM))).toEqual(saying(streamed));
  });
});

test("a forced JSON tool is undone in a stream", () => {
  const decoder = openStreamDecoder({ jsonTool: "answer_in_json" });
  const call = { functionCall: { name: "answer_in_json", args: { a: 1 } }, thoughtSignature: "cw==" };
  const events = [
    ...decoder.step(JSON.stringify(chunk(candidate([call], "STOP"))), undefined),
    ...decoder.end(),
  ];
  expect(fold(events).choices[0]).toMatchObject({
    finishReason: "stop",
    blocks: [{ kind: "text", text: '{"a":1}' }],
  });
});
