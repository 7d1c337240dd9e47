import { describe, expect, test } from "bun:test";
import {
  decodeCount,
  decodeCountRequest,
  encodeCount,
  encodeCountRequest,
  scanCount,
} from "../../src/dialects/gemini/count-tokens.ts";
import { decodeEmbeddingRequest } from "../../src/dialects/gemini/decode-embedding-request.ts";
import {
  decodeEmbeddings,
  encodeEmbeddings,
  scanEmbeddings,
} from "../../src/dialects/gemini/embedding-answer.ts";
import { encodeEmbeddingRequest } from "../../src/dialects/gemini/encode-embedding-request.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { receipt, thrown } from "./chat.ts";
import { sample, source } from "./google.ts";

const user = { role: "user", parts: [{ text: "hi" }] };
const target = { model: "gemini-embedding-001", quirks: {} };
const renamed = (request: { readonly original?: { renamed?(model: string): Uint8Array } }): unknown =>
  JSON.parse(new TextDecoder().decode(request.original?.renamed?.("other")));

describe("countTokens", () => {
  const count = (body: JsonObject) => decodeCountRequest(source(body, "a/b:countTokens"));

  test("contents alone, or a whole request inside", () => {
    const plain = count({ contents: [user] });
    expect(plain).toMatchObject({ operation: "count-tokens", model: "a/b", stream: false });
    expect(plain.content().messages).toHaveLength(1);
    const generateContentRequest = {
      model: "models/a/b",
      contents: [user],
      systemInstruction: { parts: [{ text: "s" }] },
    };
    const whole = count({ generateContentRequest });
    expect(whole.content().messages.map(({ role }) => role)).toEqual(["system", "user"]);
    expect(renamed(whole)).toEqual({
      generateContentRequest: { ...generateContentRequest, model: "models/other" },
    });
    expect(thrown(() => count({ generateContentRequest: {} })).field).toBe("generateContentRequest.contents");
  });

  test("is sent plainly where that says all, else wrapped or as the server has it", () => {
    const sent = (body: JsonObject, quirks = {}) =>
      JSON.parse(encodeCountRequest(count(body), { model: "m", quirks }).body);
    expect(sent({ contents: [user] })).toEqual({ contents: [user] });
    const systemInstruction = { parts: [{ text: "s" }] };
    const body = { generateContentRequest: { contents: [user], systemInstruction } };
    expect(sent(body)).toEqual({
      generateContentRequest: { model: "models/m", contents: [user], systemInstruction },
    });
    expect(sent(body, { countedAs: "plain" })).toEqual({ contents: [user], systemInstruction });
  });

  test("answers", () => {
    const body = sample("google-count-tokens");
    expect(decodeCount(body)).toEqual({ inputTokens: 31, cachedInputTokens: 4, source: "reported" });
    expect(JSON.parse(encodeCount(decodeCount(body)))).toEqual({
      totalTokens: 31,
      cachedContentTokenCount: 4,
    });
    expect(scanCount(body).usage).toMatchObject({ inputTokens: 0, outputTokens: 0, source: "reported" });
    for (const odd of [{}, null, { totalTokens: "many" }])
      expect(thrown(() => decodeCount(odd)).code).toBe("upstream_invalid_answer");
  });
});

describe("embeddings", () => {
  const batch = (requests: readonly JsonObject[]) =>
    decodeEmbeddingRequest(source({ requests }, "e:batchEmbedContents"));
  const single = (body: JsonObject) => decodeEmbeddingRequest(source(body, "e:embedContent"));
  const content = (text: string): JsonObject => ({ parts: [{ text }] });

  test("one content or several, with their settings", () => {
    const settings = { taskType: "RETRIEVAL_QUERY", outputDimensionality: 64 };
    const several = batch([
      { model: "models/e", content: content("a"), ...settings },
      { model: "models/e", content: content("b"), ...settings },
    ]);
    expect(several.isSingle).toBeUndefined();
    expect(several.content()).toEqual({
      inputs: ["a", "b"],
      dimensions: 64,
      purpose: "query",
      encoding: "float",
      extensions: {},
    });
    expect(renamed(several)).toMatchObject({
      requests: [{ model: "models/other" }, { model: "models/other" }],
    });
    const one = single({
      content: content("a"),
      task_type: "SEMANTIC_SIMILARITY",
      embedContentConfig: { title: "t" },
    });
    expect(one.isSingle).toBe(true);
    expect(one.content()).toMatchObject({ inputs: ["a"], purpose: "similarity", title: "t" });
    expect(renamed(one)).not.toHaveProperty("model");
  });

  test("what another vendor can't be asked is refused, naming it", () => {
    const image = { parts: [{ inlineData: { mimeType: "image/png", data: "AAAA" } }] };
    expect(thrown(() => batch([{ content: image }]).content())).toMatchObject({
      code: "cannot_translate",
      field: "requests[0].content.parts[0]",
    });
    const mixed = [{ content: content("a"), taskType: "CLUSTERING" }, { content: content("b") }];
    expect(thrown(() => batch(mixed).content())).toMatchObject({
      code: "cannot_translate",
      field: "requests",
    });
    expect(thrown(() => batch([])).field).toBe("requests");
    expect(thrown(() => single({}).content()).field).toBe("content");
  });

  test("are asked for in one batch, every entry with its model", () => {
    const request = batch([
      { content: content("a"), taskType: "CODE_RETRIEVAL_QUERY", title: "t" },
      {
        content: content("b"),
        taskType: "CODE_RETRIEVAL_QUERY",
        title: "t",
      },
    ]);
    const entry = { model: "models/gemini-embedding-001", taskType: "CODE_RETRIEVAL_QUERY", title: "t" };
    expect(JSON.parse(encodeEmbeddingRequest(request, target).body)).toEqual({
      requests: [
        { ...entry, content: content("a") },
        { ...entry, content: content("b") },
      ],
    });
    const { losses } = encodeEmbeddingRequest(single({ content: content("a"), taskType: "CLUSTERING" }), {
      ...target,
      quirks: { lacks: ["embedding-purpose"] },
    });
    expect(losses).toEqual([{ feature: "embedding-purpose", done: "left out" }]);
  });

  test("answers, in the form of the action", () => {
    const several = decodeEmbeddings(sample("google-batch-embed-contents"));
    expect(several.vectors).toEqual([
      [0.013168517, -0.00871, 0.0474],
      [0.5, 0.25, -1],
    ]);
    expect(several.usage?.inputTokens).toBe(11);
    expect(scanEmbeddings(sample("google-batch-embed-contents")).usage?.inputTokens).toBe(11);
    const written = encodeEmbeddings(several, batch([{ content: content("a") }]), receipt);
    expect(decodeEmbeddings(JSON.parse(written)).vectors).toEqual(several.vectors);
    const one = decodeEmbeddings(sample("google-embed-content"));
    expect(JSON.parse(encodeEmbeddings(one, single({ content: content("a") }), receipt))).toEqual(
      sample("google-embed-content"),
    );
    for (const odd of [{}, null, { embeddings: [] }, { embeddings: [{ values: ["x"] }] }])
      expect(thrown(() => decodeEmbeddings(odd)).code).toBe("upstream_invalid_answer");
  });
});
