import { describe, expect, test } from "bun:test";
import { decodeEmbedding } from "../../src/dialects/cohere/decode-embedding.ts";
import { decodeRerank } from "../../src/dialects/cohere/decode-rerank.ts";
import { encodeEmbedding } from "../../src/dialects/cohere/encode-embedding.ts";
import { scanMeta } from "../../src/dialects/cohere/usage-scanner.ts";
import type { EncodedRequest } from "../../src/model/dialect.ts";
import type { EmbeddingInput } from "../../src/model/embedding.ts";
import type { InferenceRequest } from "../../src/model/inference-request.ts";
import { thrown } from "./chat.ts";
import { allRecordingsOf, readWhole } from "./recorded.ts";

const recordings = allRecordingsOf("cohere");

describe("embeddings and rankings", () => {
  const embedding = (input: Partial<EmbeddingInput>): EncodedRequest => {
    const content: EmbeddingInput = { inputs: ["a", "b"], encoding: "float", extensions: {}, ...input };
    const request: InferenceRequest<"embedding"> = {
      operation: "embedding",
      dialect: "openai-embeddings",
      model: "m",
      stream: false,
      bodyBytes: 1,
      content: () => content,
    };
    return encodeEmbedding(request, { model: "embed-v4.0", quirks: {} });
  };

  test("a request for embeddings says what they are for", () => {
    expect(JSON.parse(embedding({ purpose: "query", dimensions: 256 }).body)).toEqual({
      model: "embed-v4.0",
      texts: ["a", "b"],
      input_type: "search_query",
      embedding_types: ["float"],
      output_dimension: 256,
    });
    expect(JSON.parse(embedding({}).body).input_type).toBe("search_document");
    const typed = { "openai-embeddings": { input_type: "classification" } };
    expect(JSON.parse(embedding({ extensions: typed }).body).input_type).toBe("classification");
    expect(embedding({ purpose: "similarity", title: "t" }).losses.map(({ feature }) => feature)).toEqual([
      "embedding-title",
      "embedding-purpose",
    ]);
  });

  for (const recorded of recordings.filter(({ name }) => /embedding/.test(name))) {
    test(recorded.name, () => {
      const body = readWhole(recorded);
      const { vectors, usage } = decodeEmbedding(body);
      expect(vectors).toHaveLength(2);
      expect(usage?.inputTokens).toBeGreaterThan(0);
      expect(scanMeta(body).usage).toEqual(usage ?? expect.anything());
    });
  }

  for (const recorded of recordings.filter(({ name }) => /rerank/.test(name))) {
    test(recorded.name, () => {
      const { documents, usage } = decodeRerank(readWhole(recorded));
      expect(documents.length).toBeGreaterThan(1);
      expect(usage).toMatchObject({ billedToolCalls: 1, inputTokens: 0, source: "reported" });
    });
  }

  test("what holds none is said to be none", () => {
    for (const body of [undefined, {}, { embeddings: { int8: [[1]] } }, { embeddings: { float: [["x"]] } }])
      expect(thrown(() => decodeEmbedding(body)).code).toBe("upstream_invalid_answer");
    expect(thrown(() => decodeRerank({ data: [] })).code).toBe("upstream_invalid_answer");
  });
});
