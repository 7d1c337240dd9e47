import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeRequest } from "../../src/dialects/openai-embeddings/decode-request.ts";
import { decodeResponse, scanResponse } from "../../src/dialects/openai-embeddings/decode-response.ts";
import { encodeRequest } from "../../src/dialects/openai-embeddings/encode-request.ts";
import { encodeResponse } from "../../src/dialects/openai-embeddings/encode-response.ts";
import { decodeVector, encodeVector } from "../../src/dialects/openai-embeddings/vector.ts";
import type { EmbeddingInput } from "../../src/model/embedding.ts";
import type { InferenceRequest } from "../../src/model/inference-request.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { bytesOf, receipt, thrown } from "./chat.ts";
import { faults } from "./openai-description.ts";
import { embeddingsRecordings, readWhole } from "./recorded.ts";

const embeddingRequest = (body: JsonObject): InferenceRequest<"embedding"> =>
  decodeRequest({ bytes: bytesOf(JSON.stringify({ model: "m", input: "a", ...body })) });
const answerOf = (data: readonly unknown[]): JsonObject => ({ object: "list", model: "m", data });
const entry = (index: number, embedding: unknown): JsonObject => ({ object: "embedding", index, embedding });

describe("requests", () => {
  test("facts and content", () => {
    const request = embeddingRequest({
      input: ["a", "b"],
      dimensions: 3,
      encoding_format: "base64",
      user: "u",
      x_new: 1,
      x_null: null,
    });
    expect(request).toMatchObject({ operation: "embedding", model: "m", stream: false, endUser: "u" });
    expect(request.content()).toEqual({
      inputs: ["a", "b"],
      dimensions: 3,
      encoding: "base64",
      extensions: { "openai-embeddings": { x_new: 1 } },
    });
    expect(embeddingRequest({}).content()).toEqual({ inputs: ["a"], encoding: "float", extensions: {} });
  });

  test("a bad one is refused by the field's path", () => {
    for (const body of [{ input: 3 }, { input: [] }, { input: null }])
      expect(thrown(() => embeddingRequest(body))).toMatchObject({ code: "invalid_request", field: "input" });
  });

  test("token ids are for the model's own provider alone", () => {
    expect(thrown(() => embeddingRequest({ input: [1, 2] }).content())).toMatchObject({
      code: "cannot_translate",
      field: "input",
    });
    expect(thrown(() => embeddingRequest({ input: ["a", [1, 2]] }).content())).toMatchObject({
      code: "cannot_translate",
      field: "input[1]",
    });
  });

  test("to send: what the dialect has no word for is named", () => {
    const content: EmbeddingInput = {
      inputs: ["a"],
      dimensions: 3,
      purpose: "query",
      title: "t",
      encoding: "base64",
      extensions: { cohere: { truncate: "END" }, "openai-embeddings": { x_new: 1 } },
    };
    const request = { ...embeddingRequest({ user: "u" }), content: () => content };
    const { body, losses } = encodeRequest(request, { model: "n", quirks: {} });
    expect(JSON.parse(body)).toEqual({ model: "n", input: ["a"], dimensions: 3, user: "u", x_new: 1 });
    expect(losses.map(({ feature, field }) => field ?? feature)).toEqual([
      "embedding-purpose",
      "embedding-title",
      "truncate",
    ]);
    const lacking = { lacks: ["embedding-dimensions", "end-user"] } as const;
    expect(JSON.parse(encodeRequest(request, { model: "n", quirks: lacking }).body)).toEqual({
      model: "n",
      input: ["a"],
      x_new: 1,
    });
  });
});

describe("answers", () => {
  for (const recorded of embeddingsRecordings()) {
    test(recorded.name, () => {
      const body = readWhole(recorded);
      const answer = decodeResponse(body);
      expect(answer.vectors.length).toBeGreaterThan(0);
      expect(scanResponse(body).usage).toEqual(answer.usage ?? expect.anything());
      const written: unknown = JSON.parse(encodeResponse(answer, embeddingRequest({}), receipt));
      expect(faults("CreateEmbeddingResponse", written)).toEqual([]);
      expect(written).toEqual(body as object);
      const base64 = embeddingRequest({ encoding_format: "base64" });
      const again = decodeResponse(JSON.parse(encodeResponse(answer, base64, receipt)));
      expect(again.vectors).toEqual(answer.vectors.map((vector) => vector.map(Math.fround)));
    });
  }

  test("are put in order, and by place where they have no number", () => {
    expect(decodeResponse(answerOf([entry(1, [2]), entry(0, [1])])).vectors).toEqual([[1], [2]]);
    expect(decodeResponse(answerOf([{ embedding: [1] }, { embedding: [2] }])).vectors).toEqual([[1], [2]]);
  });

  test("a missing one, a broken one, or one in another's place is no answer", () => {
    const broken = [
      [entry(0, [1]), entry(0, [2])],
      [entry(0, [1]), entry(2, [2])],
      [entry(-1, [1])],
      [entry(0, "x")],
      [entry(0, [null])],
      [entry(0, undefined)],
    ];
    for (const data of broken)
      expect(thrown(() => decodeResponse(answerOf(data))).code).toBe("upstream_invalid_answer");
    for (const body of [null, {}, { data: [] }, { data: [3] }])
      expect(thrown(() => scanResponse(body)).code).toBe("upstream_invalid_answer");
    expect(thrown(() => decodeResponse({ error: { message: "no", code: 429 } })).errorClass).toBe(
      "rate_limit",
    );
  });

  test("usage by either name, or none", () => {
    const usage = { prompt_tokens: 3, total_tokens: 3 };
    const counted = { ...answerOf([entry(0, [1])]), usage };
    expect(decodeResponse(counted).usage).toMatchObject({
      inputTokens: 3,
      outputTokens: 0,
      source: "reported",
    });
    expect(decodeResponse({ ...counted, usage: { total_tokens: 4 } }).usage?.inputTokens).toBe(4);
    expect(decodeResponse({ ...counted, usage: { total_tokens: -4 } }).usage).toBeUndefined();
    expect(JSON.parse(encodeResponse({ vectors: [[1]] }, embeddingRequest({}), receipt)).usage).toEqual(
      usage,
    );
  });
});

test("any vector is the same in base64, as far as 32 bits hold it", () => {
  expect(encodeVector([1])).toBe("AACAPw==");
  fc.assert(
    fc.property(fc.array(fc.float({ noNaN: true }), { minLength: 1 }), (vector) => {
      expect(decodeVector(encodeVector(vector))).toEqual(vector);
    }),
  );
  for (const none of ["", "AAA=", 3, {}, ["1"]]) expect(decodeVector(none)).toBeUndefined();
});
