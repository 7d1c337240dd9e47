import { describe, expect, test } from "bun:test";
import { decodeRequest } from "../../src/dialects/gemini/decode-request.ts";
import { encodeRequest } from "../../src/dialects/gemini/encode-request.ts";
import type { ContentPart } from "../../src/model/content-part.ts";
import type { Message } from "../../src/model/conversation.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { again, conversationOf, user } from "./gemini-requests.ts";
import { source } from "./google.ts";

describe("contents", () => {
  test("parts of every kind", () => {
    const parts = [
      { text: "look" },
      { inlineData: { mimeType: "image/png", data: "AAAA" } },
      { inlineData: { mimeType: "audio/mp3", data: "BBBB" } },
      { inlineData: { mimeType: "video/mp4", data: "CCCC" } },
      { inlineData: { mimeType: "application/pdf", data: "DDDD" } },
      { inlineData: { mimeType: "text/plain", data: "aGVsbG8=" } },
      { fileData: { mimeType: "image/png", fileUri: "https://g.test/v1beta/files/abc" } },
      { fileData: { mimeType: "video/mp4", fileUri: "gs://bucket/film.mp4" } },
      { fileData: { mimeType: "application/pdf", fileUri: "https://x.test/a.pdf" } },
      { fileData: { mimeType: "video/mp4", fileUri: "https://www.youtube.com/watch?v=1" } },
      { executableCode: { language: "PYTHON", code: "1" } },
    ];
    expect(conversationOf({ contents: [{ role: "user", parts }] }).messages[0]?.content).toEqual([
      { kind: "text", text: "look" },
      { kind: "image", source: { from: "base64", mediaType: "image/png", data: "AAAA" } },
      { kind: "audio", source: { from: "base64", mediaType: "audio/mpeg", data: "BBBB" } },
      { kind: "video", source: { from: "base64", mediaType: "video/mp4", data: "CCCC" } },
      { kind: "document", source: { from: "base64", mediaType: "application/pdf", data: "DDDD" } },
      { kind: "document", source: { from: "text", text: "hello" } },
      {
        kind: "image",
        source: {
          from: "file",
          vendor: "google",
          fileId: "https://g.test/v1beta/files/abc",
          mediaType: "image/png",
        },
      },
      {
        kind: "video",
        source: { from: "file", vendor: "google", fileId: "gs://bucket/film.mp4", mediaType: "video/mp4" },
      },
      {
        kind: "document",
        source: { from: "url", url: "https://x.test/a.pdf", mediaType: "application/pdf" },
      },
      {
        kind: "video",
        source: { from: "url", url: "https://www.youtube.com/watch?v=1", mediaType: "video/mp4" },
      },
      { kind: "other", dialect: "gemini", value: { executableCode: { language: "PYTHON", code: "1" } } },
    ] satisfies ContentPart[]);
    expect(again({ contents: [{ role: "user", parts }] })["contents"]).toEqual([{ role: "user", parts }]);
  });

  test("a film is known by its address alone", () => {
    const parts = [{ fileData: { fileUri: "https://youtu.be/1" } }];
    const [message] = conversationOf({ contents: [{ role: "user", parts }] }).messages;
    expect(message?.content).toEqual([{ kind: "video", source: { from: "url", url: "https://youtu.be/1" } }]);
  });

  test("either spelling, single things for lists, roles in capitals or left out", () => {
    const plain = conversationOf({
      contents: [
        { role: "user", parts: [{ inlineData: { mimeType: "image/png", data: "AAAA" } }] },
        { role: "model", parts: [{ functionCall: { name: "f", args: {} }, thoughtSignature: "c2ln" }] },
        { role: "user", parts: [{ functionResponse: { name: "f", response: { output: "1" } } }] },
      ],
      systemInstruction: { parts: [{ text: "be kind" }] },
      generationConfig: { topK: 3, stopSequences: ["x"], thinkingConfig: { thinkingBudget: 7 } },
      toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["f"] } },
      tools: [{ functionDeclarations: [{ name: "f", parameters: { type: "OBJECT", minProperties: "1" } }] }],
    });
    const crooked = conversationOf({
      contents: [
        { parts: { inline_data: { mime_type: "image/png", data: "AAAA" } } },
        { role: "MODEL", parts: [{ function_call: { name: "f" }, thought_signature: "c2ln" }] },
        { role: "FUNCTION", parts: [{ function_response: { name: "f", response: { output: "1" } } }] },
      ],
      system_instruction: { parts: { text: "be kind" } },
      generation_config: { top_k: 3, stop_sequences: ["x"], thinking_config: { thinking_budget: 7 } },
      tool_config: { function_calling_config: { mode: "any", allowed_function_names: ["f"] } },
      tools: { function_declarations: [{ name: "f", parameters: { type: "OBJECT", min_properties: 1 } }] },
    });
    expect(crooked).toEqual(plain);
  });

  test("calls without ids are answered by name and order; results come before what is said", () => {
    const call = (name: string): JsonObject => ({ functionCall: { name, args: {} } });
    const result = (name: string, output: string): JsonObject => ({
      functionResponse: { name, response: { output } },
    });
    const { messages } = conversationOf({
      contents: [
        user,
        { role: "model", parts: [call("f"), call("g"), call("f")] },
        { role: "user", parts: [{ text: "and?" }, result("g", "G"), result("f", "F1"), result("f", "F2")] },
      ],
    });
    const ids = messages[1]?.content.flatMap((part) => (part.kind === "tool-call" ? [part.id] : [])) ?? [];
    expect(new Set(ids).size).toBe(3);
    const [first = "", second = "", third = ""] = ids;
    const text = (value: string) => [{ kind: "text", text: value }] as const;
    expect(messages.slice(2)).toEqual([
      { role: "tool", toolCallId: second, toolName: "g", content: text("G") },
      { role: "tool", toolCallId: first, toolName: "f", content: text("F1") },
      { role: "tool", toolCallId: third, toolName: "f", content: text("F2") },
      { role: "user", content: text("and?") },
    ] satisfies Message[]);
  });

  test("what a tool gives: text, an object, an error, images", () => {
    const answers = [
      { response: { output: "a" } },
      { response: { result: 5 } },
      { response: { temperature: 20, unit: "C" } },
      { response: { error: "broken" } },
      { response: {} },
      { response: { output: "see" }, parts: [{ inlineData: { mimeType: "image/png", data: "AAAA" } }] },
    ];
    const parts = answers.map((answer) => ({ functionResponse: { name: "f", ...answer } }));
    const { messages } = conversationOf({ contents: [{ role: "user", parts }] });
    expect(messages.map(({ content }) => content)).toEqual([
      [{ kind: "text", text: "a" }],
      [{ kind: "text", text: "5" }],
      [{ kind: "text", text: '{"temperature":20,"unit":"C"}' }],
      [{ kind: "text", text: "broken" }],
      [],
      [
        { kind: "text", text: "see" },
        { kind: "image", source: { from: "base64", mediaType: "image/png", data: "AAAA" } },
      ],
    ]);
    expect(messages.map((message) => "isError" in message)).toEqual([
      false,
      false,
      false,
      true,
      false,
      false,
    ]);
  });

  test("thoughts and proofs; a proof alone belongs to what stands before it", () => {
    const parts = [
      { text: "hm", thought: true, thoughtSignature: "YQ==" },
      { text: "yes" },
      { text: "", thoughtSignature: "Yg==" },
    ];
    expect(conversationOf({ contents: [user, { role: "model", parts }] }).messages[1]?.content).toEqual([
      { kind: "reasoning", text: "hm", signature: { vendor: "google", value: "YQ==" } },
      { kind: "text", text: "yes", signature: { vendor: "google", value: "Yg==" } },
    ]);
  });

  test("a member named __proto__ stays inert", () => {
    const bytes = new TextEncoder().encode(
      '{"contents":[{"parts":[{"text":"x"}]}],"__proto__":{"stream":true},"generationConfig":{"__proto__":1}}',
    );
    const request = decodeRequest({ ...source({}), bytes });
    expect(request.stream).toBe(false);
    const { body } = encodeRequest(request, { model: "m", quirks: {} });
    expect(body).toContain('"__proto__":{"stream":true}');
    expect(Object.hasOwn({}, "stream")).toBe(false);
  });
});
