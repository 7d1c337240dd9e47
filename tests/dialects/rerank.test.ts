import { describe, expect, test } from "bun:test";
import { decodeError } from "../../src/dialects/rerank/decode-error.ts";
import { decodeRequest } from "../../src/dialects/rerank/decode-request.ts";
import { decodeResponse } from "../../src/dialects/rerank/decode-response.ts";
import { encodeError } from "../../src/dialects/rerank/encode-error.ts";
import { encodeResponse } from "../../src/dialects/rerank/encode-response.ts";
import { scanResponse } from "../../src/dialects/rerank/usage-scanner.ts";
import { ERRORS, type ErrorCode } from "../../src/model/error-table.ts";
import { GatewayError } from "../../src/model/gateway-error.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { NO_USAGE } from "../../src/model/usage.ts";
import { bytesOf, receipt, thrown } from "./chat.ts";

const decoded = (body: JsonObject) => decodeRequest({ bytes: bytesOf(JSON.stringify(body)) });
const asked: JsonObject = { model: "m", query: "open?", documents: ["a", { text: "b", id: 7 }] };

describe("a request", () => {
  test("in the words that most servers share", () => {
    const request = decoded({ ...asked, top_n: 1, return_documents: true, rank_fields: ["text"], user: "u" });
    expect(request).toMatchObject({
      operation: "rerank",
      dialect: "rerank",
      model: "m",
      stream: false,
      endUser: "u",
    });
    expect(request.content()).toEqual({
      query: "open?",
      documents: ["a", "b"],
      top: 1,
      returnDocuments: true,
      extensions: { rerank: { rank_fields: ["text"] } },
    });
    expect(request.content()).toBe(request.content());
    expect(decoded({ ...asked, top_k: 2 }).content()).toMatchObject({ top: 2, returnDocuments: false });
  });

  test("is refused by the field's name, what only a translation must understand only there", () => {
    const cases: readonly [JsonObject, string][] = [
      [{ model: "" }, "model"],
      [{ documents: [] }, "documents"],
      [{ documents: "a" }, "documents"],
      [{ top_n: 0 }, "top_n"],
      [{ top_k: "2" }, "top_k"],
    ];
    for (const [change, field] of cases)
      expect(thrown(() => decoded({ ...asked, ...change }))).toMatchObject({
        code: "invalid_request",
        field,
      });
    expect(thrown(() => decoded({ ...asked, query: { image: "x" } }).content()).field).toBe("query");
    expect(thrown(() => decoded({ ...asked, documents: ["a", { image: "x" }] }).content()).field).toBe(
      "documents[1]",
    );
  });
});

describe("an answer", () => {
  const answers: readonly [string, JsonObject, JsonObject][] = [
    [
      "Jina",
      {
        model: "jina-reranker-v3",
        object: "list",
        usage: { total_tokens: 815 },
        results: [{ index: 1, relevance_score: 0.9, document: { text: "b" } }],
      },
      { model: "jina-reranker-v3", usage: { inputTokens: 815 } },
    ],
    [
      "vLLM",
      {
        id: "rerank-1",
        model: "m",
        usage: { total_tokens: 56 },
        results: [{ index: 1, relevance_score: 0.9, document: { text: "b" } }],
      },
      { id: "rerank-1", usage: { inputTokens: 56 } },
    ],
    [
      "Together",
      {
        id: "x",
        object: "rerank",
        model: "m",
        results: [{ index: 1, relevance_score: 0.9 }],
        usage: { prompt_tokens: 1837, completion_tokens: 0, total_tokens: 1837 },
      },
      { usage: { inputTokens: 1837 } },
    ],
    [
      "OpenRouter",
      {
        id: "gen-rerank-1",
        model: "cohere/rerank-v3.5",
        results: [{ index: 1, relevance_score: 0.9, document: { text: "b" } }],
        usage: { cost: 0.001, search_units: 1, total_tokens: 150 },
      },
      { usage: { inputTokens: 150, billedToolCalls: 1 } },
    ],
    [
      "Fireworks",
      {
        object: "list",
        model: "m",
        data: [{ index: 1, relevance_score: 0.9, document: "b" }],
        usage: { prompt_tokens: 9, total_tokens: 9, completion_tokens: 0 },
      },
      { usage: { inputTokens: 9 } },
    ],
    [
      "Voyage",
      {
        object: "list",
        data: [{ index: 1, relevance_score: 0.9 }],
        model: "rerank-2.5",
        usage: { total_tokens: 26 },
      },
      { usage: { inputTokens: 26 } },
    ],
    [
      "Cohere",
      { id: "x", results: [{ index: 1, relevance_score: 0.9 }], meta: { billed_units: { search_units: 2 } } },
      { usage: { inputTokens: 0, billedToolCalls: 2 } },
    ],
  ];
  for (const [name, body, expected] of answers) {
    test(`of ${name}`, () => {
      const answer = decodeResponse(body);
      expect(answer).toMatchObject({ documents: [{ index: 1, score: 0.9 }], ...expected });
      expect(scanResponse(body).usage).toEqual(answer.usage ?? expect.anything());
    });
  }

  test("that is none is said to be none", () => {
    for (const body of [undefined, [], {}, { results: "x" }])
      expect(thrown(() => decodeResponse(body)).code).toBe("upstream_invalid_answer");
    expect(decodeResponse({ results: [null, { index: "1" }, {}] }).documents).toEqual([]);
  });

  test("is written with no more than was asked for, and the documents where they were", () => {
    const answer = {
      id: "x",
      documents: [
        { index: 1, score: 0.9 },
        { index: 0, score: 0.1 },
      ],
      usage: { ...NO_USAGE, billedToolCalls: 1, source: "reported" as const },
    };
    const written = (more: JsonObject): unknown =>
      JSON.parse(encodeResponse(answer, decoded({ ...asked, ...more }), receipt));
    expect(written({ top_n: 1, return_documents: true })).toEqual({
      id: "x",
      object: "list",
      model: "gpt-x",
      results: [{ index: 1, relevance_score: 0.9, document: { text: "b" } }],
      usage: { prompt_tokens: 0, total_tokens: 0 },
      meta: { api_version: { version: "2" }, billed_units: { search_units: 1 } },
    });
    expect(written({})).toMatchObject({
      results: [
        { index: 1, relevance_score: 0.9 },
        { index: 0, relevance_score: 0.1 },
      ],
    });
  });
});

test("every error of the table stands where each kind of client looks for it", () => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    const error = new GatewayError(code, { field: "a" });
    const { status, body } = encodeError(error, "req_1");
    const message = `${error.message} ${error.mend}`;
    expect(status).toBe(ERRORS[code].status);
    expect(JSON.parse(String(body))).toMatchObject({
      message,
      detail: message,
      error: { message, code, param: "a" },
    });
  }
});

test("refusals of servers, wherever they put their words", () => {
  for (const body of [{ detail: "no" }, { message: "no" }, { error: { message: "no" } }, { error: "no" }])
    expect(decodeError(429, body)).toEqual({ errorClass: "rate_limit", message: "no" });
  expect(decodeError(500, undefined)).toEqual({ errorClass: "server" });
});
