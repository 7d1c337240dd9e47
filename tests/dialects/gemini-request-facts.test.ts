import { describe, expect, test } from "bun:test";
import { encodeRequest as encodeChat } from "../../src/dialects/openai-chat/encode-request.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { thrown } from "./chat.ts";
import { ABLE, asked, conversationOf, encoded, user, wrapped } from "./gemini-requests.ts";
import { googleRequest } from "./google.ts";

describe("facts", () => {
  test("are read at once: the model and what is asked of it off the path", () => {
    const body = asked({ generationConfig: { maxOutputTokens: 5 } });
    const {
      original,
      content: _,
      bodyBytes: _bytes,
      ...facts
    } = googleRequest(body, "a/b/c:1:streamGenerateContent");
    expect(facts).toEqual({
      operation: "chat",
      dialect: "gemini",
      model: "a/b/c:1",
      stream: true,
      maxOutputTokens: 5,
    });
    expect(original?.modelSpan).toBeUndefined();
    expect(googleRequest(asked({ generation_config: { max_output_tokens: "7" } })).maxOutputTokens).toBe(7);
  });

  test("a bad one is refused by the field's path", () => {
    const cases: readonly [JsonObject, string][] = [
      [{}, "contents"],
      [{ contents: [] }, "contents"],
      [{ contents: "hi" }, "contents"],
      [asked({ generationConfig: { maxOutputTokens: 1.5 } }), "generationConfig.maxOutputTokens"],
      [asked({ generationConfig: { candidateCount: 1000 } }), "generationConfig.candidateCount"],
    ];
    for (const [body, field] of cases)
      expect(thrown(() => googleRequest(body))).toMatchObject({ code: "invalid_request", field });
  });

  test("a path that names no action is not found", () => {
    for (const path of ["m", "m:", ":generateContent", "m:predict", "generateContent"])
      expect(thrown(() => googleRequest(asked({}), path)).code).toBe("not_found");
  });

  test("what only a translation must understand is refused there", () => {
    const cases: readonly [JsonObject, string][] = [
      [{ contents: [{ role: "alien", parts: [] }] }, "contents[0].role"],
      [{ contents: [user, { role: "user", parts: "x" }] }, "contents[1].parts"],
      [{ contents: [user, 3] }, "contents[1]"],
      [asked({ tools: [{ functionDeclarations: [{}] }] }), "tools[0].functionDeclarations[0]"],
    ];
    for (const [body, field] of cases)
      expect(thrown(() => conversationOf(body))).toMatchObject({ code: "invalid_request", field });
  });

  test("what Google keeps can't be asked of another vendor, and is said by its name", () => {
    const request = googleRequest(asked({ cachedContent: "cachedContents/1" }));
    expect(thrown(() => encodeChat(request, { model: "m", quirks: {} }))).toMatchObject({
      code: "cannot_translate",
      field: "cachedContent",
    });
    expect(encoded(request).sent["cachedContent"]).toBe("cachedContents/1");
  });
});

describe("another vendor's proof in a client's history", () => {
  test("keeps its bytes from going to Google as they are, and is known again", () => {
    const parts = [
      { functionCall: { name: "f", args: {} }, thoughtSignature: base64Of(wrapped("anthropic")) },
    ];
    const body = { contents: [user, { role: "model", parts }] };
    const request = googleRequest(body);
    expect(request.original).toBeUndefined();
    expect(request.content().messages[1]?.content).toMatchObject([
      { kind: "tool-call", signature: { vendor: "anthropic", value: "v" } },
    ]);
    expect(googleRequest(asked({})).original).toBeDefined();
    const { sent, losses } = encoded(request, { ...ABLE, unsignedCalls: "refused" });
    expect(JSON.stringify(sent)).toContain("skip_thought_signature_validator");
    expect(losses.map(({ feature }) => feature)).toEqual(["signature"]);
  });
});

const base64Of = (text: string): string => Buffer.from(text).toString("base64");
