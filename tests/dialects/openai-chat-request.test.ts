import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { splice } from "../../src/dialects/json/splice.ts";
import { decodeRequest } from "../../src/dialects/openai-chat/decode-request.ts";
import { encodeRequest } from "../../src/dialects/openai-chat/encode-request.ts";
import type { Conversation } from "../../src/model/conversation.ts";
import type { EncodeTarget } from "../../src/model/dialect.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { anyConversation } from "./any-conversation.ts";
import { bytesOf, chatRequest, thrown } from "./chat.ts";

/** A server that can do whatever the dialect has words for. */
const target: EncodeTarget = {
  model: "m",
  quirks: {
    has: ["document-context", "top-k", "cache-marker", "tool-result-media"],
    signatures: ["anthropic", "google", "openai"],
    reasoningHistory: "reasoning_details",
  },
};
const user = { role: "user", content: "hi" };
const asked = (rest: JsonObject): JsonObject => ({ model: "m", messages: [user], ...rest });
const conversationOf = (rest: JsonObject): Conversation => chatRequest(asked(rest)).content();
const sent = (rest: JsonObject): unknown => JSON.parse(encodeRequest(chatRequest(asked(rest)), target).body);

describe("facts", () => {
  test("are read at once", () => {
    const bytes = bytesOf(
      JSON.stringify(asked({ model: "a/b", stream: true, max_tokens: 5, user: "u", n: 2, strange: [1] })),
    );
    const { original, content: _, ...facts } = decodeRequest({ bytes });
    expect(facts).toEqual({
      operation: "chat",
      dialect: "openai-chat",
      model: "a/b",
      stream: true,
      maxOutputTokens: 5,
      choices: 2,
      endUser: "u",
      bodyBytes: bytes.length,
    });
    if (original === undefined) throw new Error("no original");
    const spliced = splice(original.bytes, [
      { ...(original.modelSpan ?? { start: 0, end: 0 }), text: '"z"' },
    ]);
    expect(JSON.parse(new TextDecoder().decode(Buffer.concat(spliced)))).toMatchObject({
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
    expect(request.content()).toBe(request.content());
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
    expect(thrown(() => decodeRequest({ bytes: bytesOf("{}") })).field).toBe("model");
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
      { kind: "document", source: { from: "file", vendor: "openai", fileId: "file-1" } },
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
      { role: "tool", toolCallId: "f", toolName: "f", content: [{ kind: "text", text: "1" }] },
    ]);
  });

  test("settings with no canonical form reach this same dialect", () => {
    const tool = { type: "function", function: { name: "f" } };
    const rest = {
      tools: [tool, { type: "web_search", depth: 2 }],
      tool_choice: { type: "allowed_tools", allowed_tools: { mode: "auto", tools: [tool] } },
      response_format: { type: "json_schema", json_schema: { name: "s", schema: {}, description: "d" } },
      logit_bias: { "1": 2 },
      temperature: "hot",
      n: 2,
    };
    expect(sent(rest)).toEqual({ model: "m", messages: [user], ...rest });
    expect(conversationOf(rest).extensions["openai-chat"]).toEqual({
      logit_bias: { "1": 2 },
      temperature: "hot",
    });
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

  test("a name of the end user that is too long becomes its digest, the same each time", () => {
    const { endUser: _short, ...plain } = chatRequest(asked({}));
    const named = (endUser: string) => encodeRequest({ ...plain, endUser }, target);
    const long = named("user_".repeat(20));
    expect(JSON.parse(long.body).user).toMatch(/^[0-9a-f]{64}$/);
    expect(long.losses.map(({ feature }) => feature)).toEqual(["end-user"]);
    expect(named("user_".repeat(20)).body).toBe(long.body);
    expect(JSON.parse(named("user_1").body).user).toBe("user_1");
  });

  test("a member named __proto__ stays inert", () => {
    const bytes = bytesOf(
      '{"model":"m","messages":[{"role":"user","content":"x"}],"__proto__":{"stream":true}}',
    );
    const request = decodeRequest({ bytes });
    expect(request.stream).toBe(false);
    expect(encodeRequest(request, target).body).toContain('"__proto__":{"stream":true}');
    expect(Object.hasOwn({}, "stream")).toBe(false);
  });
});

describe("any conversation", () => {
  const efforts = ["none", "minimal", "low", "medium", "high", "xhigh"] as const;
  const signatures = ["anthropic", "google", "openai"] as const;
  const sayable = { lacks: [], signatures, vendor: "openai", maxTemperature: 2, efforts } as const;

  test("is the same once encoded and decoded again", () => {
    fc.assert(
      fc.property(anyConversation(sayable), (value) => {
        const request = { ...chatRequest(asked({})), content: () => value };
        const encoded = encodeRequest(request, { ...target, model: "provider's own name" });
        expect(encoded.losses).toEqual([]);
        const again = decodeRequest({ bytes: bytesOf(encoded.body) });
        expect(again.model).toBe("provider's own name");
        expect(again.content()).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });
});
