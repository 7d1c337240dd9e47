import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeEmbedding } from "../../src/dialects/cohere/decode-embedding.ts";
import { decodeError } from "../../src/dialects/cohere/decode-error.ts";
import { decodeRerank } from "../../src/dialects/cohere/decode-rerank.ts";
import { decodeResponse } from "../../src/dialects/cohere/decode-response.ts";
import { openStreamDecoder } from "../../src/dialects/cohere/decode-stream.ts";
import { encodeEmbedding } from "../../src/dialects/cohere/encode-embedding.ts";
import { encodeRequest } from "../../src/dialects/cohere/encode-request.ts";
import { scanMeta, scanResponse } from "../../src/dialects/cohere/usage-scanner.ts";
import type { Conversation } from "../../src/model/conversation.ts";
import { type AnswerForm, type EncodedRequest, PLAIN_FORM } from "../../src/model/dialect.ts";
import type { EmbeddingInput } from "../../src/model/embedding.ts";
import type { InferenceRequest } from "../../src/model/inference-request.ts";
import { fold } from "../../src/model/inference-response.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { Quirks } from "../../src/model/quirks.ts";
import type { StreamEvent } from "../../src/model/stream-event.ts";
import { anyConversation } from "./any-conversation.ts";
import { chatRequest, expectWellFormed, meaning, thrown } from "./chat.ts";
import { allRecordingsOf, readChunks, readWhole } from "./recorded.ts";

function encoded(rest: JsonObject, change: Partial<Conversation> = {}, quirks: Quirks = {}): EncodedRequest {
  const request = chatRequest({ model: "m", messages: [{ role: "user", content: "hi" }], ...rest });
  const conversation = { ...request.content(), ...change };
  return encodeRequest({ ...request, content: () => conversation }, { model: "command", quirks });
}

const bodyOf = (...parameters: Parameters<typeof encoded>): JsonObject =>
  JSON.parse(encoded(...parameters).body);
const lost = (...parameters: Parameters<typeof encoded>): readonly string[] =>
  encoded(...parameters).losses.map(({ feature, field }) => field ?? feature);

function decodeStream(lines: readonly unknown[], form: AnswerForm = PLAIN_FORM): readonly StreamEvent[] {
  const decoder = openStreamDecoder(form);
  const events = lines.flatMap((line) =>
    decoder.step(typeof line === "string" ? line : JSON.stringify(line), undefined),
  );
  return [...events, ...decoder.end()];
}

const tool = (name: string): JsonObject => ({
  type: "function",
  function: { name, parameters: { type: "object" } },
});
const END = { type: "message-end", delta: { finish_reason: "COMPLETE" } };

describe("requests", () => {
  test("messages in Cohere's words", () => {
    const messages = [
      { role: "developer", content: "be brief" },
      {
        role: "user",
        content: [
          { type: "text", text: "look" },
          { type: "image_url", image_url: { url: "https://x.test/a.png", detail: "low" } },
          { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
        ],
      },
      {
        role: "assistant",
        content: "I shall look.",
        reasoning_content: "Hm.",
        tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "" } }],
      },
      { role: "tool", tool_call_id: "a", content: "1" },
      { role: "assistant", content: "One.", reasoning_content: "So." },
    ];
    expect(bodyOf({ messages, tools: [tool("f")], stream: true })).toEqual({
      model: "command",
      messages: [
        { role: "system", content: "be brief" },
        {
          role: "user",
          content: [
            { type: "text", text: "look" },
            { type: "image_url", image_url: { url: "https://x.test/a.png", detail: "low" } },
            { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
          ],
        },
        {
          role: "assistant",
          tool_plan: "Hm.\nI shall look.",
          tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "{}" } }],
        },
        { role: "tool", tool_call_id: "a", content: "1" },
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "So." },
            { type: "text", text: "One." },
          ],
        },
      ],
      tools: [{ type: "function", function: { name: "f", parameters: { type: "object", properties: {} } } }],
      stream: true,
    });
    expect(lost({ messages, tools: [tool("f")] })).toEqual([]);
  });

  test("documents to cite stand beside the messages, others in them", () => {
    const text = { from: "text", text: "It opened at dawn." } as const;
    const messages: Conversation["messages"] = [
      {
        role: "user",
        content: [
          { kind: "document", source: text, name: "Book", citable: true },
          { kind: "document", source: { from: "base64", mediaType: "text/csv", data: "YSxi" }, name: "List" },
          { kind: "document", source: { from: "base64", mediaType: "application/pdf", data: "AAAA" } },
          { kind: "text", text: "When?" },
        ],
      },
    ];
    expect(bodyOf({}, { messages })).toMatchObject({
      documents: [{ id: "document_0", data: { text: "It opened at dawn.", title: "Book" } }],
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "List\n\na,b" },
            { type: "text", text: expect.stringContaining("can't be sent") },
            { type: "text", text: "When?" },
          ],
        },
      ],
    });
    expect(lost({}, { messages })).toEqual(["document-base64"]);
    // No documents are taken beside a response format.
    const formatted = encoded({ response_format: { type: "json_object" } }, { messages });
    expect(JSON.parse(formatted.body)).not.toHaveProperty("documents");
    expect(formatted.losses.map(({ feature }) => feature)).toEqual(["document-citations", "document-base64"]);
  });

  test("tool choices; a certain tool is forced by telling of no other", () => {
    const tools = [tool("f"), tool("g")];
    const chosen = (tool_choice: unknown) => {
      const body = bodyOf({ tools, tool_choice });
      return [body["tool_choice"], (body["tools"] as JsonObject[]).length];
    };
    expect(chosen("auto")).toEqual([undefined, 2]);
    expect(chosen("required")).toEqual(["REQUIRED", 2]);
    expect(chosen("none")).toEqual(["NONE", 2]);
    expect(chosen({ type: "function", function: { name: "g" } })).toEqual(["REQUIRED", 1]);
    expect(lost({ tools, parallel_tool_calls: false })).toEqual(["parallel-tool-calls"]);
    const strict = { type: "function", function: { name: "f", strict: true } };
    expect(bodyOf({ tools: [strict] })["strict_tools"]).toBe(true);
    expect(bodyOf({ tools: [strict, tool("g")] })).not.toHaveProperty("strict_tools");
  });

  test("the form of an answer: natively, or beside tools by one more", () => {
    const schema = { type: "object", properties: { a: { type: "string" } } };
    const response_format = { type: "json_schema", json_schema: { name: "s", schema } };
    expect(bodyOf({ response_format })["response_format"]).toEqual({
      type: "json_object",
      json_schema: schema,
    });
    const { body, form } = encoded({ response_format, tools: [tool("f")] });
    expect(form).toEqual({ jsonTool: "give_answer" });
    expect(JSON.parse(body)).toMatchObject({
      tool_choice: "REQUIRED",
      tools: [{ function: { name: "f" } }, { function: { name: "give_answer", parameters: schema } }],
    });
    expect(JSON.parse(body)).not.toHaveProperty("response_format");
    const unused = bodyOf({ response_format, tools: [tool("f")], tool_choice: "none" });
    expect(unused).not.toHaveProperty("tools");
    expect(unused).toHaveProperty("response_format");
  });

  test("sampling within Cohere's bounds", () => {
    const rest = {
      temperature: 0.4,
      top_p: 1,
      top_k: 900,
      frequency_penalty: -1,
      presence_penalty: 2,
      seed: 4,
    };
    expect(bodyOf({ ...rest, max_tokens: 5, stop: ["a", "b", "c", "d", "e", "f"] })).toMatchObject({
      temperature: 0.4,
      p: 0.99,
      k: 500,
      frequency_penalty: 0,
      presence_penalty: 1,
      seed: 4,
      max_tokens: 5,
      stop_sequences: ["a", "b", "c", "d", "e"],
    });
    expect(lost(rest)).toEqual(["top-k", "frequency-penalty", "presence-penalty"]);
  });

  test("thinking", () => {
    const thinking = (effort: string) => bodyOf({ reasoning_effort: effort })["thinking"];
    expect(thinking("none")).toEqual({ type: "disabled" });
    expect(thinking("medium")).toEqual({ type: "enabled", token_budget: 8192 });
    expect(bodyOf({}, { reasoning: { mode: "on" } })["thinking"]).toEqual({ type: "enabled" });
    expect(lost({ reasoning_effort: "low" }, {}, { lacks: ["reasoning-effort"] })).toEqual([
      "reasoning-effort",
    ]);
  });

  test("what only Cohere knows reaches it", () => {
    const rest = { safety_mode: "STRICT", citation_options: { mode: "FAST" }, priority: 3, strange: 1 };
    expect(bodyOf(rest)).toMatchObject({
      safety_mode: "STRICT",
      citation_options: { mode: "FAST" },
      priority: 3,
    });
    expect(lost({ ...rest, user: "u", logprobs: true, top_logprobs: 2 })).toEqual([
      "strange",
      "end-user",
      "log-probabilities",
    ]);
  });

  test("any conversation: no message without content, each result beside its call", () => {
    const sayable = { lacks: [], signatures: [], maxTemperature: 1, efforts: ["low", "high"] } as const;
    fc.assert(
      fc.property(anyConversation(sayable), (value) => {
        const messages = bodyOf({}, value)["messages"] as JsonObject[];
        for (const message of messages) {
          expect(message["content"] ?? message["tool_calls"]).toBeDefined();
          expect(message["content"]).not.toEqual([]);
        }
        const calls = messages.flatMap(
          (message) => (message["tool_calls"] as JsonObject[] | undefined) ?? [],
        );
        const results = messages.flatMap((message) => message["tool_call_id"] ?? []);
        expect(results.map(String)).toEqual(calls.map(({ id }) => String(id)));
      }),
      { numRuns: 300 },
    );
  });
});

const recordings = allRecordingsOf("cohere");
const chats = recordings.filter(({ name }) => !/embedding|rerank/.test(name));

describe("whole answers", () => {
  for (const recorded of chats.filter((one) => !one.isStream)) {
    test(recorded.name, () => {
      const body = readWhole(recorded);
      const response = decodeResponse(body, PLAIN_FORM);
      expect(response.error).toBeUndefined();
      expect(response.id).toBeString();
      expect(response.choices[0]?.blocks.length).toBeGreaterThan(0);
      expect(response.usage?.source).toBe("reported");
      expect(scanResponse(body).usage).toEqual(response.usage ?? expect.anything());
    });
  }
});

describe("streams", () => {
  for (const recorded of chats.filter((one) => one.isStream)) {
    test(recorded.name, () => {
      const events = decodeStream(readChunks(recorded));
      const response = expectWellFormed(events);
      expect(response.error).toBeUndefined();
      expect(events.filter(({ type }) => type === "unknown")).toEqual([]);
      expect(response.choices[0]?.finishReason).toBeString();
      expect(response.usage?.source).toBe("reported");
    });

    test(`${recorded.name}, cut before its end`, () => {
      expect(fold(decodeStream(readChunks(recorded).slice(0, -1))).error?.code).toBe("upstream_interrupted");
    });
  }

  for (const name of ["cohere-chat-text", "cohere-chat-thinking", "cohere-tool-calls"]) {
    test(`${name} is the same streamed and whole`, () => {
      const both = recordings.filter((recorded) => recorded.name.startsWith(`cohere/${name}.`));
      const stream = both.find((one) => one.isStream);
      const whole = both.find((one) => !one.isStream);
      if (stream === undefined || whole === undefined) throw new Error("a sample is missing");
      const streamed = fold(decodeStream(readChunks(stream)));
      const response = decodeResponse(readWhole(whole), PLAIN_FORM);
      expect(meaning(streamed)).toEqual(meaning(response));
      expect(streamed.choices[0]?.blocks).toEqual(response.choices[0]?.blocks ?? []);
    });
  }
});

describe("answers", () => {
  const sample = (name: string): unknown => {
    const found = recordings.find((recorded) => recorded.name === `cohere/${name}.json`);
    if (found === undefined) throw new Error(`no sample ${name}`);
    return readWhole(found);
  };

  test("a plan is reasoning, and arguments that are null are none", () => {
    const response = decodeResponse(sample("cohere-tool-calls"), PLAIN_FORM);
    expect(response.choices[0]?.blocks).toEqual([
      { kind: "reasoning", text: "I will look at the north gate and list all gates." },
      { kind: "tool-call", id: "look_1", name: "look", text: '{"gate":"north"}' },
      { kind: "tool-call", id: "list_1", name: "list_gates", text: "" },
    ]);
    expect(response.choices[0]?.finishReason).toBe("tool-calls");
  });

  test("citations name the request's documents", () => {
    const [block] = decodeResponse(sample("cohere-chat-text"), PLAIN_FORM).choices[0]?.blocks ?? [];
    expect(block?.citations?.map(({ original: _, ...rest }) => rest)).toEqual([
      {
        source: { kind: "document", index: 0, title: "Watch book" },
        citedText: "The gate was opened at dawn.",
        start: 4,
        end: 8,
      },
    ]);
  });

  test("what is billed counts, and of it what is cached for sure", () => {
    expect(decodeResponse(sample("cohere-chat-thinking"), PLAIN_FORM).usage).toMatchObject({
      inputTokens: 30,
      // 20 of 300 were not cached, so at least 10 of the 30 billed ones were.
      cachedInputTokens: 10,
      outputTokens: 40,
    });
    expect(decodeResponse(sample("cohere-chat-text"), PLAIN_FORM).usage).toMatchObject({
      inputTokens: 20,
      cachedInputTokens: 0,
      outputTokens: 6,
    });
    const { usage: _, ...silent } = sample("cohere-chat-text") as JsonObject;
    expect(decodeResponse(silent, PLAIN_FORM).usage).toBeUndefined();
  });

  test("finish reasons", () => {
    const reasons: readonly [string, string][] = [
      ["COMPLETE", "stop"],
      ["STOP_SEQUENCE", "stop-sequence"],
      ["MAX_TOKENS", "length"],
      ["TOOL_CALL", "tool-calls"],
      ["ERROR_TOXIC", "content-filter"],
      ["NEW_ONE", "other"],
    ];
    for (const [raw, reason] of reasons) {
      const body = { message: { content: [{ type: "text", text: "x" }] }, finish_reason: raw };
      expect(decodeResponse(body, PLAIN_FORM).choices[0]?.finishReason).toBe(reason as never);
    }
    const failed = [
      ["ERROR", "upstream_interrupted"],
      ["TIMEOUT", "upstream_interrupted"],
    ] as const;
    for (const [finish_reason, code] of failed) {
      const delta = { finish_reason, error: "It broke." };
      expect(fold(decodeStream([{ type: "message-end", delta }])).error).toMatchObject({
        code,
        message: "It broke.",
      });
      expect(decodeResponse({ message: {}, finish_reason }, PLAIN_FORM).error?.code).toBe(code);
    }
  });

  test("log probabilities", () => {
    const logprobs = { text: "The gate", token_ids: [1, 2], logprobs: [-0.25, -0.5] };
    const content = {
      type: "content-delta",
      delta: { message: { content: { text: "The gate" } } },
      logprobs,
    };
    expect(fold(decodeStream([content, END])).choices[0]?.blocks[0]?.tokenProbabilities).toEqual([
      { token: "The gate", logProbability: -0.75, alternatives: [] },
    ]);
  });

  test("an error told as an event, and other events", () => {
    expect(fold(decodeStream([{ message: "slow down", status_code: 429 }])).error?.code).toBe(
      "upstream_rate_limit",
    );
    expect(decodeStream([{ type: "debug", prompt: "x" }, END])[0]).toMatchObject({ type: "unknown" });
    expect(fold(decodeStream(["{", END])).error?.code).toBe("upstream_invalid_answer");
  });

  test("errors by status", () => {
    const cases: readonly [number, string, string][] = [
      [400, "invalid request: bad", "caller"],
      [400, "too many tokens: total number of tokens in the prompt cannot exceed 4081", "context_too_long"],
      [401, "invalid api token", "auth"],
      [429, "You are using a Trial key, which is limited to 1000 API calls / month.", "quota"],
      [429, "Please slow down", "rate_limit"],
      [498, "invalid token", "content_filter"],
      [500, "internal", "server"],
      [503, "unavailable", "overloaded"],
    ];
    for (const [status, message, errorClass] of cases)
      expect(decodeError(status, { message })).toEqual({ errorClass, message } as never);
  });

  test("what is no answer is said to be none; any JSON never throws in a stream", () => {
    for (const body of [undefined, [], {}, { message: "x" }])
      expect(thrown(() => decodeResponse(body, PLAIN_FORM)).code).toBe("upstream_invalid_answer");
    const type = fc.constantFrom(
      "message-start",
      "content-delta",
      "tool-call-start",
      "tool-call-delta",
      "citation-start",
    );
    const inner = fc.record({
      content: fc.jsonValue(),
      tool_calls: fc.jsonValue(),
      citations: fc.jsonValue(),
    });
    const event = fc.record(
      { type, index: fc.jsonValue(), delta: fc.oneof(fc.jsonValue(), fc.record({ message: inner })) },
      { requiredKeys: ["type"] },
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 8 }), (events) => {
        expectWellFormed(decodeStream([...events, END]));
      }),
      { numRuns: 300 },
    );
  });
});

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
