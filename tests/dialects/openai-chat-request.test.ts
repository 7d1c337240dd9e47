import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { spliceModel } from "../../src/dialects/json/splice-model.ts";
import { decodeRequest } from "../../src/dialects/openai-chat/decode-request.ts";
import { encodeRequest } from "../../src/dialects/openai-chat/encode-request.ts";
import type { ContentPart, Conversation, Message } from "../../src/model/conversation.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { bytesOf, chatRequest, thrown } from "./chat.ts";

const user = { role: "user", content: "hi" };
const asked = (rest: JsonObject): JsonObject => ({ model: "m", messages: [user], ...rest });
const conversationOf = (rest: JsonObject): Conversation => chatRequest(asked(rest)).conversation();
const sent = (rest: JsonObject): unknown => JSON.parse(encodeRequest(chatRequest(asked(rest)), "m"));

describe("facts", () => {
  test("are read at once", () => {
    const bytes = bytesOf(
      JSON.stringify(asked({ model: "a/b", stream: true, max_tokens: 5, user: "u", n: 2, strange: [1] })),
    );
    const { original, conversation: _, ...facts } = decodeRequest(bytes);
    expect(facts).toEqual({
      operation: "chat",
      dialect: "openai-chat",
      model: "a/b",
      stream: true,
      maxOutputTokens: 5,
      endUser: "u",
      bodyBytes: bytes.length,
    });
    if (original === undefined) throw new Error("no original");
    expect(JSON.parse(new TextDecoder().decode(Buffer.concat(spliceModel(original, "z"))))).toMatchObject({
      model: "z",
      strange: [1],
    });
  });

  test("null stands for absent; the larger bound counts", () => {
    const request = chatRequest(
      asked({ stream: null, max_tokens: null, max_completion_tokens: 7, n: null, user: null }),
    );
    expect(request).toMatchObject({ stream: false, maxOutputTokens: 7 });
    expect(request.endUser).toBeUndefined();
    expect(chatRequest(asked({ max_tokens: 9, max_completion_tokens: 7 })).maxOutputTokens).toBe(9);
    expect(chatRequest(asked({ user: "u", safety_identifier: "s" })).endUser).toBe("s");
  });

  test("the conversation is decoded once", () => {
    const request = chatRequest(asked({}));
    expect(request.conversation()).toBe(request.conversation());
  });

  test("a bad one is refused by the field's path", () => {
    const cases: readonly [JsonObject, string][] = [
      [{ model: "" }, "model"],
      [{ model: 3 }, "model"],
      [{ messages: [] }, "messages"],
      [{ messages: "hi" }, "messages"],
      [{ messages: [user, 3] }, "messages[1]"],
      [{ messages: [user, user, { content: "x" }] }, "messages[2].role"],
      [{ stream: "yes" }, "stream"],
      [{ n: 0 }, "n"],
      [{ n: 1.5 }, "n"],
      [{ max_tokens: 1.5 }, "max_tokens"],
      [{ max_completion_tokens: "9" }, "max_completion_tokens"],
    ];
    for (const [rest, field] of cases) {
      expect(thrown(() => chatRequest(asked(rest)))).toMatchObject({ code: "invalid_request", field });
    }
    expect(thrown(() => decodeRequest(bytesOf("{}"))).field).toBe("model");
  });

  test("what only a translation must understand is refused there", () => {
    const messages = (message: JsonObject): JsonObject => ({ messages: [user, message] });
    expect(thrown(() => conversationOf(messages({ role: "alien" }))).field).toBe("messages[1].role");
    expect(thrown(() => conversationOf(messages({ role: "user", content: 3 }))).field).toBe(
      "messages[1].content",
    );
    expect(thrown(() => conversationOf(messages({ role: "tool", content: "x" }))).field).toBe(
      "messages[1].tool_call_id",
    );
  });
});

describe("conversation", () => {
  test("content parts", () => {
    const content = [
      { type: "text", text: "look" },
      { type: "image_url", image_url: { url: "https://x.test/a.png", detail: "low" } },
      { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
      { type: "input_audio", input_audio: { data: "BBBB", format: "mp3" } },
      { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,CCCC" } },
      { type: "file", file: { file_id: "file-1" } },
      { type: "hologram", beam: 1 },
    ];
    const messages = [{ role: "user", content }];
    expect(conversationOf({ messages }).messages[0]?.content).toEqual([
      { kind: "text", text: "look" },
      { kind: "image", source: { from: "url", url: "https://x.test/a.png" }, detail: "low" },
      { kind: "image", source: { from: "base64", mediaType: "image/png", data: "AAAA" } },
      { kind: "audio", source: { from: "base64", mediaType: "audio/mpeg", data: "BBBB" } },
      {
        kind: "document",
        source: { from: "base64", mediaType: "application/pdf", data: "CCCC" },
        name: "a.pdf",
      },
      { kind: "document", source: { from: "file", fileId: "file-1" } },
      { kind: "other", dialect: "openai-chat", value: { type: "hologram", beam: 1 } },
    ]);
    expect(sent({ messages })).toEqual({ model: "m", messages });
  });

  test("tool calls and their answers, the older form and custom tools", () => {
    const calls = [
      { id: "a", type: "function", function: { name: "f", arguments: "{}" } },
      { id: "b", type: "custom", custom: { name: "g", input: "go" } },
    ];
    const messages = [
      { role: "assistant", content: null, tool_calls: calls },
      { role: "tool", tool_call_id: "a", content: "1" },
    ];
    expect(sent({ messages })).toEqual({ model: "m", messages });
    const older = [
      { role: "assistant", content: null, function_call: { name: "f", arguments: "{}" } },
      { role: "function", name: "f", content: "1" },
    ];
    expect(conversationOf({ messages: older }).messages).toEqual([
      { role: "assistant", content: [{ kind: "tool-call", id: "f", name: "f", arguments: "{}" }] },
      { role: "tool", toolCallId: "f", content: [{ kind: "text", text: "1" }] },
    ]);
  });

  test("settings with no canonical form reach this same dialect", () => {
    const rest = {
      tools: [
        { type: "function", function: { name: "f" } },
        { type: "web_search", depth: 2 },
      ],
      tool_choice: { type: "allowed_tools", allowed_tools: {} },
      response_format: { type: "json_schema", json_schema: { name: "s", schema: {}, description: "d" } },
      logit_bias: { "1": 2 },
      temperature: "hot",
      n: 2,
    };
    expect(sent(rest)).toEqual({ model: "m", messages: [user], ...rest });
    expect(Object.keys(conversationOf(rest).extensions["openai-chat"] ?? {}).sort()).toEqual(
      Object.keys(rest).sort(),
    );
  });

  test("the bound on the output keeps the member that the client chose", () => {
    expect(sent({ max_tokens: 5 })).toEqual(asked({ max_tokens: 5 }));
    expect(sent({ max_completion_tokens: 5 })).toEqual(asked({ max_completion_tokens: 5 }));
    expect(sent({ max_tokens: 6, max_completion_tokens: 5 })).toEqual(asked({ max_completion_tokens: 6 }));
  });

  test("a stream asks for usage and keeps the client's other options", () => {
    const stream_options = { include_usage: false, include_obfuscation: false };
    expect(sent({ stream: true, stream_options })).toEqual(
      asked({ stream: true, stream_options: { include_usage: true, include_obfuscation: false } }),
    );
  });

  test("a member named __proto__ stays inert", () => {
    const bytes = bytesOf(
      '{"model":"m","messages":[{"role":"user","content":"x"}],"__proto__":{"stream":true}}',
    );
    const request = decodeRequest(bytes);
    expect(request.stream).toBe(false);
    expect(encodeRequest(request, "m")).toContain('"__proto__":{"stream":true}');
    expect(Object.hasOwn({}, "stream")).toBe(false);
  });
});

describe("any conversation", () => {
  const text = fc.string({ unit: "binary", minLength: 1, maxLength: 12 });
  const base64 = fc.base64String({ maxLength: 16 });
  const source = fc.oneof(
    fc.webUrl().map((url) => ({ from: "url", url }) as const),
    base64.map((data) => ({ from: "base64", mediaType: "image/png", data }) as const),
  );
  const part: fc.Arbitrary<ContentPart> = fc.oneof(
    text.map((value) => ({ kind: "text", text: value }) as const),
    source.map((from) => ({ kind: "image", source: from }) as const),
    base64
      .filter((data) => data !== "")
      .map((data) => ({ kind: "audio", source: { from: "base64", mediaType: "audio/wav", data } }) as const),
    base64.map(
      (data) =>
        ({
          kind: "document",
          source: { from: "base64", mediaType: "application/pdf", data },
          name: "a",
        }) as const,
    ),
    text.map((id) => ({ kind: "document", source: { from: "file", fileId: id } }) as const),
  );
  const parts = fc.array(part, { maxLength: 4 });
  const calls = fc.array(
    fc
      .tuple(text, text, text)
      .map(([id, name, args]) => ({ kind: "tool-call", id, name, arguments: args }) as const),
    { maxLength: 2 },
  );
  const optional = (kind: "reasoning" | "refusal") =>
    fc.array(
      text.map((value) => ({ kind, text: value }) as const),
      { maxLength: 1 },
    );
  const message: fc.Arbitrary<Message> = fc.oneof(
    fc
      .tuple(fc.constantFrom("system", "developer", "user"), parts)
      .map(([role, content]) => ({ role, content }) as const),
    fc.tuple(text, parts).map(([name, content]) => ({ role: "user", name, content }) as const),
    fc.tuple(text, parts).map(([toolCallId, content]) => ({ role: "tool", toolCallId, content }) as const),
    fc
      .tuple(optional("reasoning"), parts, optional("refusal"), calls)
      .map(
        ([reasoning, content, refusal, toolCalls]) =>
          ({ role: "assistant", content: [...reasoning, ...content, ...refusal, ...toolCalls] }) as const,
      ),
  );
  const number = fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .map((value) => (Object.is(value, -0) ? 0 : value));
  const schema = fc
    .dictionary(
      text,
      fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value))),
    )
    .map((value) => JSON.parse(JSON.stringify(value)));
  const conversation: fc.Arbitrary<Conversation> = fc
    .record(
      {
        messages: fc.array(message, { minLength: 1, maxLength: 4 }),
        tools: fc.array(
          fc.record(
            { name: text, description: text, parameters: schema, strict: fc.boolean() },
            { requiredKeys: ["name"] },
          ),
          { maxLength: 2 },
        ),
        toolChoice: fc.oneof(
          fc.constantFrom("auto", "none", "required").map((kind) => ({ kind }) as const),
          text.map((name) => ({ kind: "tool", name }) as const),
        ),
        parallelToolCalls: fc.boolean(),
        responseFormat: fc.oneof(
          fc.constantFrom("text", "json-object").map((kind) => ({ kind }) as const),
          fc
            .tuple(text, schema)
            .map(([name, value]) => ({ kind: "json-schema", name, schema: value, strict: true }) as const),
        ),
        reasoningEffort: text,
        sampling: fc.record(
          {
            temperature: number,
            topP: number,
            seed: fc.integer(),
            maxOutputTokens: fc.integer({ min: 1 }),
            stop: fc.array(text, { maxLength: 2 }),
          },
          { requiredKeys: [] },
        ),
      },
      { requiredKeys: ["messages", "tools", "sampling"] },
    )
    .map((value) => ({ ...value, extensions: { "openai-chat": { metadata: { a: "b" } } } }));

  test("is the same once encoded and decoded again", () => {
    fc.assert(
      fc.property(conversation, (value) => {
        const request = { ...chatRequest(asked({})), conversation: () => value };
        const again = decodeRequest(bytesOf(encodeRequest(request, "provider's own name")));
        expect(again.model).toBe("provider's own name");
        expect(again.conversation()).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });
});
