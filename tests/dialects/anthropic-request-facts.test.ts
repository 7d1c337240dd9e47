import { describe, expect, test } from "bun:test";
import { decodeCountRequest, decodeRequest } from "../../src/dialects/anthropic-messages/decode-request.ts";
import { encodeError } from "../../src/dialects/anthropic-messages/encode-error.ts";
import { encodeRequest as encodeChat } from "../../src/dialects/openai-chat/encode-request.ts";
import { carrySignature } from "../../src/dialects/translation/carried-signature.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { messageRequest, toAnthropic, USER } from "./anthropic.ts";
import { conversationOf } from "./anthropic-requests.ts";
import { bytesOf, thrown } from "./chat.ts";

describe("facts", () => {
  test("are read at once", () => {
    const body = {
      model: "a/b",
      messages: [USER],
      stream: true,
      max_tokens: 5,
      metadata: { user_id: "u" },
      strange: [1],
    };
    const bytes = bytesOf(JSON.stringify(body));
    const { original, content: _, ...facts } = decodeRequest({ bytes });
    expect(facts).toEqual({
      operation: "chat",
      dialect: "anthropic-messages",
      model: "a/b",
      stream: true,
      maxOutputTokens: 5,
      endUser: "u",
      bodyBytes: bytes.length,
    });
    expect(original?.bytes).toBe(bytes);
    expect(
      original?.modelSpan &&
        new TextDecoder().decode(bytes.subarray(original.modelSpan.start, original.modelSpan.end)),
    ).toBe('"a/b"');
  });

  test("a count has no bound and no stream", () => {
    const bytes = bytesOf(JSON.stringify({ model: "m", messages: [USER] }));
    expect(decodeCountRequest({ bytes })).toMatchObject({
      operation: "count-tokens",
      stream: false,
      model: "m",
    });
  });

  test("a bad one is refused by the field's path", () => {
    const cases: readonly [JsonObject, string][] = [
      [{ model: "" }, "model"],
      [{ messages: [] }, "messages"],
      [{ messages: [USER, 3] }, "messages[1]"],
      [{ messages: [USER, { content: "x" }] }, "messages[1].role"],
      [{ stream: "yes" }, "stream"],
      [{ max_tokens: 1.5 }, "max_tokens"],
      [{ max_tokens: -1 }, "max_tokens"],
    ];
    for (const [rest, field] of cases)
      expect(thrown(() => messageRequest(rest))).toMatchObject({ code: "invalid_request", field });
  });

  test("what only a translation must understand is refused there", () => {
    const cases: readonly [JsonObject, string][] = [
      [{ messages: [{ role: "alien", content: "x" }] }, "messages[0].role"],
      [{ messages: [{ role: "user", content: 3 }] }, "messages[0].content"],
      [
        { messages: [{ role: "user", content: [{ type: "tool_result" }] }] },
        "messages[0].content[0].tool_use_id",
      ],
      [{ system: 3 }, "system"],
      [{ tools: [{ description: "x" }] }, "tools[0]"],
    ];
    for (const [rest, field] of cases) expect(thrown(() => conversationOf(rest))).toMatchObject({ field });
  });

  test("another vendor's signature in the bytes keeps them from going on as they are", () => {
    const thinking = (signature: string) => ({
      messages: [
        USER,
        { role: "assistant", content: [{ type: "thinking", thinking: "hm", signature }] },
        USER,
      ],
    });
    const foreign = carrySignature({ vendor: "openai", value: "enc", id: "rs_1" }, "anthropic");
    expect(messageRequest(thinking("c2ln")).original).toBeDefined();
    expect(messageRequest(thinking(foreign)).original).toBeUndefined();
    const encoded = toAnthropic(messageRequest(thinking(foreign)));
    expect(encoded.body).not.toContain("gatehouse:");
    expect(encoded.losses.map(({ feature }) => feature)).toEqual(["reasoning-history"]);
  });
});

describe("a conversation that Anthropic keeps", () => {
  const request = messageRequest({ thread: { type: "continue", previous_message_id: "msg_1" } });

  test("is refused elsewhere in the words by which Anthropic's SDKs know to send all of it", () => {
    const error = thrown(() => encodeChat(request, { model: "m", quirks: {} }));
    expect(error).toMatchObject({ code: "cannot_translate", field: "thread" });
    const { status, body } = encodeError(error, "req_1");
    expect(status).toBe(400);
    expect(JSON.parse(String(body)).error).toMatchObject({
      type: "invalid_request_error",
      details: { error_code: "thread_unsupported_request", unsupported: [] },
    });
  });

  test("reaches a provider of this same dialect", () => {
    expect(toAnthropic(request).parsed["thread"]).toEqual({ type: "continue", previous_message_id: "msg_1" });
  });
});
