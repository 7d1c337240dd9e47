import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { BOUNDS } from "../../src/dialects/gemini/bounds.ts";
import { decodeRequest } from "../../src/dialects/gemini/decode-request.ts";
import { encodeRequest } from "../../src/dialects/gemini/encode-request.ts";
import { encodeRequest as encodeChat } from "../../src/dialects/openai-chat/encode-request.ts";
import type { ContentPart } from "../../src/model/content-part.ts";
import type { Conversation, Message } from "../../src/model/conversation.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { Quirks } from "../../src/model/quirks.ts";
import type { Upstream } from "../../src/model/snapshot.ts";
import { google } from "../../src/providers/google.ts";
import { targetOf } from "../../src/routing/target.ts";
import { anyConversation } from "./any-conversation.ts";
import { chatRequest, thrown } from "./chat.ts";
import { googleRequest, source } from "./google.ts";
import { expectRequest } from "./google-schema.ts";

const user = { role: "user", parts: [{ text: "hi" }] };
const asked = (rest: JsonObject): JsonObject => ({ contents: [user], ...rest });
const conversationOf = (body: JsonObject): Conversation => googleRequest(body).content();

/** Google's own service, as far as its quirks go. */
const GOOGLE: Upstream = {
  provider: google.id,
  endpoints: [],
  origin: "https://google.test",
  headers: {},
  timeouts: { connectMs: 1, firstByteMs: 1, betweenBytesMs: 1, totalMs: 1 },
  quirks: google.quirks ?? [],
  errorClasses: {},
};

/** A server that can do whatever the dialect has words for. */
const ABLE: Quirks = { has: ["metadata", "service-tier", "store"] };

function encoded(request: Parameters<typeof encodeRequest>[0], quirks: Quirks = ABLE) {
  const { body, losses, form } = encodeRequest(request, { model: "m", quirks });
  const sent: JsonObject = JSON.parse(body);
  expectRequest(sent);
  return { sent, losses, form };
}

const again = (body: JsonObject, quirks?: Quirks): JsonObject => encoded(googleRequest(body), quirks).sent;
const fromChat = (rest: JsonObject, quirks?: Quirks) =>
  encoded(chatRequest({ model: "m", messages: [{ role: "user", content: "hi" }], ...rest }), quirks);

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

describe("settings", () => {
  test("settings with no canonical form reach this same dialect", () => {
    const rest = {
      safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }],
      generationConfig: { speechConfig: { languageCode: "de-DE" }, mediaResolution: "MEDIA_RESOLUTION_LOW" },
      toolConfig: { retrievalConfig: { languageCode: "de" } },
      tools: [{ googleSearch: {} }, { urlContext: {} }],
    };
    expect(again(asked(rest))).toEqual(asked(rest));
  });

  test("to another vendor they are lost, each by its name", () => {
    const body = asked({
      safetySettings: [],
      generationConfig: { speechConfig: {}, responseModalities: ["TEXT"] },
      tools: [{ googleSearch: {} }],
    });
    const { losses } = encodeChat(googleRequest(body), { model: "m", quirks: {} });
    expect(losses.map(({ feature, field }) => [feature, field])).toEqual([
      ["extension", "safetySettings"],
      ["extension", "generationConfig.speechConfig"],
      ["vendor-tools", undefined],
    ]);
  });

  test("thinking, both ways", () => {
    const reasoning = (thinkingConfig: JsonObject) =>
      conversationOf(asked({ generationConfig: { thinkingConfig } })).reasoning;
    expect(reasoning({ thinkingBudget: 0 })).toEqual({ mode: "off" });
    expect(reasoning({ thinkingBudget: -1, includeThoughts: true })).toEqual({
      mode: "adaptive",
      shown: "auto",
    });
    expect(reasoning({ thinkingBudget: 500 })).toEqual({ mode: "on", budgetTokens: 500 });
    expect(reasoning({ thinkingLevel: "LOW", includeThoughts: false })).toEqual({
      effort: "low",
      shown: "none",
    });
    expect(reasoning({ thinkingLevel: "THINKING_LEVEL_UNSPECIFIED" })).toBeUndefined();
  });

  test("effort by what the model's family takes", () => {
    const thinking = (model: string, effort: string) => {
      const quirks = quirksFor(model);
      const { sent, losses } = fromChat({ reasoning_effort: effort }, quirks);
      const config = sent["generationConfig"] as JsonObject | undefined;
      return [config?.["thinkingConfig"], losses.map(({ feature }) => feature)];
    };
    const noted = ["reasoning-effort"];
    expect(thinking("gemini-3.8-flash", "medium")).toEqual([{ thinkingLevel: "MEDIUM" }, []]);
    expect(thinking("gemini-3.8-flash", "minimal")).toEqual([{ thinkingLevel: "LOW" }, noted]);
    expect(thinking("gemini-3.8-flash", "none")).toEqual([{ thinkingLevel: "LOW" }, noted]);
    expect(thinking("gemini-3-flash-preview", "minimal")).toEqual([{ thinkingLevel: "MINIMAL" }, []]);
    expect(thinking("gemini-3-pro-preview", "medium")).toEqual([{ thinkingLevel: "LOW" }, noted]);
    expect(thinking("gemini-3.1-pro-preview", "xhigh")).toEqual([{ thinkingLevel: "HIGH" }, noted]);
    expect(thinking("gemini-2.5-flash", "none")).toEqual([{ thinkingBudget: 0 }, []]);
    expect(thinking("gemini-2.5-flash", "xhigh")).toEqual([{ thinkingBudget: 24_576 }, []]);
    expect(thinking("gemini-2.5-pro", "none")).toEqual([{ thinkingBudget: 128 }, noted]);
    expect(thinking("gemini-2.5-flash-lite", "low")).toEqual([{ thinkingBudget: 1_024 }, []]);
    expect(thinking("gemini-2.0-flash", "low")).toEqual([undefined, noted]);
    expect(thinking("gemini-7-neon", "high")).toEqual([{ thinkingLevel: "HIGH" }, []]);
  });

  test("formats: the older members, the newer one, Google's schema and JSON Schema", () => {
    const format = (generationConfig: JsonObject) =>
      conversationOf(asked({ generationConfig })).responseFormat;
    const schema = { type: "object", properties: { a: { type: ["string", "null"] } }, required: ["a"] };
    const json = { kind: "json-schema", name: "response", schema } as const;
    const responseMimeType = "application/json";
    expect(
      format({
        responseMimeType,
        responseSchema: {
          type: "OBJECT",
          properties: { a: { type: "STRING", nullable: true } },
          required: ["a"],
        },
      }),
    ).toEqual(json);
    expect(format({ responseMimeType, responseJsonSchema: schema })).toEqual(json);
    expect(format({ responseFormat: [{ text: { mimeType: "APPLICATION_JSON", schema } }] })).toEqual(json);
    expect(format({ responseMimeType })).toEqual({ kind: "json-object" });
    expect(format({ responseMimeType: "text/plain" })).toBeUndefined();
    const anEnum = { responseMimeType: "text/x.enum", responseSchema: { type: "STRING", enum: ["a"] } };
    expect(format(anEnum)).toBeUndefined();
    expect(again(asked({ generationConfig: anEnum }))).toEqual(asked({ generationConfig: anEnum }));
  });

  test("tool choices", () => {
    const choice = (functionCallingConfig: JsonObject) =>
      conversationOf(asked({ toolConfig: { functionCallingConfig } })).toolChoice;
    expect(choice({ mode: "AUTO" })).toEqual({ kind: "auto" });
    expect(choice({ mode: "NONE" })).toEqual({ kind: "none" });
    expect(choice({ mode: "ANY" })).toEqual({ kind: "required" });
    expect(choice({ mode: "ANY", allowedFunctionNames: ["f"] })).toEqual({ kind: "tool", name: "f" });
    const both = ["f", "g"];
    expect(choice({ mode: "ANY", allowedFunctionNames: both })).toEqual({
      kind: "allowed",
      mode: "required",
      names: both,
    });
    expect(choice({ mode: "VALIDATED", allowedFunctionNames: both })).toEqual({
      kind: "allowed",
      mode: "auto",
      names: both,
    });
    const declared = { tools: [{ functionDeclarations: [{ name: "f" }, { name: "g" }] }] };
    for (const functionCallingConfig of [
      { mode: "AUTO" },
      { mode: "NONE" },
      { mode: "ANY" },
      { mode: "VALIDATED" },
      { mode: "ANY", allowedFunctionNames: ["f"] },
      { mode: "VALIDATED", allowedFunctionNames: both },
    ]) {
      const body = asked({ ...declared, toolConfig: { functionCallingConfig } });
      expect(again(body)).toEqual(body);
    }
  });

  test("service tiers, store and labels", () => {
    const body = asked({ serviceTier: "flex", store: false, labels: { team: "gate" } });
    expect(conversationOf(body)).toMatchObject({
      serviceTier: "flex",
      store: false,
      metadata: { team: "gate" },
    });
    expect(again(body)).toEqual(body);
    expect(fromChat({ service_tier: "default" }).sent["serviceTier"]).toBe("standard");
    expect(fromChat({ service_tier: "auto" }).sent["serviceTier"]).toBeUndefined();
    expect(fromChat({ service_tier: "gold" }).losses).toEqual([
      { feature: "service-tier", done: "left out" },
    ]);
  });

  test("ranges: five stop sequences, a temperature of 2, a seed of 32 bits", () => {
    const { sent, losses } = fromChat({
      stop: ["a", "b", "c", "d", "e", "f"],
      temperature: 3,
      seed: 2 ** 40 + 5,
    });
    expect(sent["generationConfig"]).toEqual({
      stopSequences: ["a", "b", "c", "d", "e"],
      temperature: 2,
      seed: 5,
    });
    expect(losses.map(({ feature }) => feature).sort()).toEqual(["seed", "stop", "temperature"]);
  });
});

describe("from OpenAI's chat", () => {
  const tool = { type: "function", function: { name: "f", parameters: { type: "object", properties: {} } } };
  const called = (rest: JsonObject = {}): JsonObject => ({
    role: "assistant",
    content: null,
    tool_calls: [
      {
        id: "c1",
        type: "function",
        function: { name: "f", arguments: '{"n":12345678901234567890}' },
        ...rest,
      },
      { id: "c2", type: "function", function: { name: "g", arguments: "" } },
    ],
  });
  const results = [
    { role: "tool", tool_call_id: "c2", content: "two" },
    { role: "tool", tool_call_id: "c1", content: "one" },
  ];

  test("system messages become the instruction, later ones the user's", () => {
    const messages = [
      { role: "system", content: "a" },
      { role: "developer", content: "b" },
      { role: "user", content: "c" },
      { role: "system", content: "d" },
    ];
    const { sent, losses } = fromChat({ messages });
    expect(sent).toEqual({
      systemInstruction: { parts: [{ text: "a" }, { text: "b" }] },
      contents: [
        { role: "user", parts: [{ text: "c" }] },
        { role: "user", parts: [{ text: "d" }] },
      ],
    });
    expect(losses.map(({ feature }) => feature)).toEqual(["late-system-message"]);
    const gemma = fromChat({ messages: messages.slice(0, 3) }, quirksFor("gemma-3-27b-it")).sent;
    expect(gemma["systemInstruction"]).toBeUndefined();
    expect(gemma["contents"]).toEqual([
      { role: "user", parts: [{ text: "a" }, { text: "b" }] },
      { role: "user", parts: [{ text: "c" }] },
    ]);
    expect(fromChat({ messages: [messages[0]] }).sent["contents"]).toEqual([
      { role: "user", parts: [{ text: "a" }] },
    ]);
  });

  test("results stand together, in the order of their calls, named by them; no number is rounded", () => {
    const messages = [{ role: "user", content: "x" }, called(), ...results];
    const request = chatRequest({ model: "m", messages });
    const { body } = encodeRequest(request, { model: "m", quirks: {} });
    expect(body).toContain('"args":{"n":12345678901234567890}');
    const contents = JSON.parse(body)["contents"];
    expect(contents[1].parts.map((part: JsonObject) => part["functionCall"])).toMatchObject([
      { id: "c1", name: "f" },
      { id: "c2", name: "g", args: {} },
    ]);
    expect(contents[2]).toEqual({
      role: "user",
      parts: [
        { functionResponse: { id: "c1", name: "f", response: { output: "one" } } },
        { functionResponse: { id: "c2", name: "g", response: { output: "two" } } },
      ],
    });
    const bare = fromChat({ messages }, { toolCallIds: "none" }).sent;
    expect(JSON.stringify(bare)).not.toContain('"id"');
  });

  test("a call's proof comes back; without one Google's stand-in is sent where it is demanded", () => {
    const proofs = (message: JsonObject, quirks: Quirks) => {
      const { sent } = fromChat({ messages: [{ role: "user", content: "x" }, message, ...results] }, quirks);
      const [, turn] = sent["contents"] as readonly { parts: readonly JsonObject[] }[];
      return turn?.parts.map((part) => part["thoughtSignature"]);
    };
    const signed = called({ extra_content: { google: { thought_signature: "c2ln" } } });
    const newest = quirksFor("gemini-3.8-flash");
    expect(proofs(signed, newest)).toEqual(["c2ln", undefined]);
    expect(proofs(called(), newest)).toEqual(["skip_thought_signature_validator", undefined]);
    expect(proofs(called(), quirksFor("gemini-2.5-flash"))).toEqual([undefined, undefined]);
    const foreign = called({ extra_content: { google: { thought_signature: wrapped("anthropic") } } });
    expect(proofs(foreign, newest)).toEqual(["skip_thought_signature_validator", undefined]);
  });

  test("images by address and bytes, documents, sound", () => {
    const content = [
      { type: "image_url", image_url: { url: "https://x.test/a.png?b=1" } },
      { type: "image_url", image_url: { url: "https://x.test/a" } },
      { type: "image_url", image_url: { url: "data:image/webp;base64,AAAA" } },
      { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,CCCC" } },
      { type: "input_audio", input_audio: { data: "BBBB", format: "mp3" } },
    ];
    const { sent, losses } = fromChat({ messages: [{ role: "user", content }] });
    expect(sent["contents"]).toEqual([
      {
        role: "user",
        parts: [
          { fileData: { mimeType: "image/png", fileUri: "https://x.test/a.png?b=1" } },
          { fileData: { mimeType: "image/jpeg", fileUri: "https://x.test/a" } },
          { inlineData: { mimeType: "image/webp", data: "AAAA" } },
          { inlineData: { mimeType: "application/pdf", data: "CCCC" } },
          { inlineData: { mimeType: "audio/mp3", data: "BBBB" } },
        ],
      },
    ]);
    expect(losses).toEqual([]);
  });

  test("JSON beside functions, where the family refuses it, becomes a function itself", () => {
    const response_format = {
      type: "json_schema",
      json_schema: { name: "s", schema: { type: "object", properties: { a: { const: 1 } } } },
    };
    const schema = { type: "object", properties: { a: { enum: [1] } } };
    const native = fromChat({ tools: [tool], response_format }, quirksFor("gemini-3.8-flash"));
    expect(native.form).toEqual({});
    expect(native.sent["generationConfig"]).toEqual({
      responseMimeType: "application/json",
      responseJsonSchema: schema,
    });
    const older = quirksFor("gemini-2.5-flash");
    const forced = fromChat({ tools: [tool], response_format }, older);
    expect(forced.form).toEqual({ jsonTool: "answer_in_json" });
    expect(forced.sent["generationConfig"]).toBeUndefined();
    expect(forced.sent["toolConfig"]).toEqual({ functionCallingConfig: { mode: "ANY" } });
    expect(JSON.stringify(forced.sent["tools"])).toContain(JSON.stringify(schema));
    const barred = fromChat({ tools: [tool], tool_choice: "none", response_format }, older);
    expect(barred.sent["tools"]).toBeUndefined();
    expect(barred.sent["generationConfig"]).toHaveProperty("responseJsonSchema");
    const decided = fromChat({ tools: [tool], tool_choice: "required", response_format }, older);
    expect(decided.form).toEqual({});
    expect(decided.sent["generationConfig"]).toBeUndefined();
    expect(fromChat({ response_format }, older).sent["generationConfig"]).toHaveProperty(
      "responseJsonSchema",
    );
  });

  test("what has no counterpart is noted", () => {
    const { losses } = fromChat(
      {
        user: "u",
        metadata: { a: "b" },
        parallel_tool_calls: false,
        tools: [tool],
        verbosity: "low",
        prompt_cache_key: "k",
        logit_bias: { "1": 1 },
      },
      {},
    );
    expect(losses.map(({ feature }) => feature).sort()).toEqual([
      "cache-key",
      "end-user",
      "extension",
      "metadata",
      "parallel-tool-calls",
      "verbosity",
    ]);
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

describe("any conversation", () => {
  const sayable = {
    lacks: BOUNDS.lacks,
    signatures: ["google"],
    vendor: "google",
    maxTemperature: 2,
    efforts: ["minimal", "low", "medium", "high"],
  } as const;

  test("is the same once encoded and decoded again, but for names that Google has no place for", () => {
    fc.assert(
      fc.property(anyConversation(sayable), (value) => {
        const request = { ...googleRequest(asked({})), content: () => value };
        const { sent, losses } = encoded(request);
        expect(losses).toEqual([]);
        expect(conversationOf(sent)).toEqual(sayableOf(value));
      }),
      { numRuns: 200 },
    );
  });

  test("random JSON in a request's place gives a conversation or a clear refusal", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...MEMBERS), fc.jsonValue({ maxDepth: 5 })), (body) => {
        try {
          conversationOf(asked(body as JsonObject));
        } catch (error) {
          expect(error).toMatchObject({ code: "invalid_request" });
        }
      }),
      { numRuns: 500 },
    );
  });
});

const MEMBERS = [
  "contents",
  "systemInstruction",
  "tools",
  "toolConfig",
  "generationConfig",
  "safety_settings",
];

/** The conversation as Google can say it: without the names of documents and schemas, with those of tools. */
function sayableOf(value: Conversation): Conversation {
  const names = new Map<string, string>();
  const messages = value.messages.map((message): Message => {
    for (const part of message.content) if (part.kind === "tool-call") names.set(part.id, part.name);
    if (message.role === "tool") return { ...message, toolName: names.get(message.toolCallId) ?? "" };
    return { ...message, content: message.content.map(unnamed) };
  });
  const { responseFormat } = value;
  const named = responseFormat?.kind === "json-schema" && {
    responseFormat: { ...responseFormat, name: "response" },
  };
  const { reasoning, ...rest } = value;
  const asksNothing = reasoning !== undefined && Object.keys(reasoning).length === 0;
  return { ...rest, ...(reasoning && !asksNothing && { reasoning }), ...named, messages };
}

function unnamed(part: ContentPart): ContentPart {
  if (part.kind === "document") return { kind: "document", source: part.source };
  const isAddress = part.kind === "image" && part.source.from === "url";
  if (!isAddress) return part;
  // Google must be told what stands at an address.
  return { ...part, source: { ...part.source, mediaType: expect.stringMatching(/^[a-z]+\//) } };
}

function quirksFor(model: string): Quirks {
  return targetOf(GOOGLE, model).quirks;
}

const wrapped = (vendor: string): string =>
  `gatehouse:${vendor}:${Buffer.from(JSON.stringify({ value: "v" })).toString("base64url")}`;
const base64Of = (text: string): string => Buffer.from(text).toString("base64");
