import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeRequest as decodeChat } from "../../src/dialects/openai-chat/decode-request.ts";
import { encodeRequest as encodeChat } from "../../src/dialects/openai-chat/encode-request.ts";
import { BOUNDS } from "../../src/dialects/openai-responses/bounds.ts";
import { decodeRequest } from "../../src/dialects/openai-responses/decode-request.ts";
import { encodeRequest } from "../../src/dialects/openai-responses/encode-request.ts";
import { carrySignature } from "../../src/dialects/translation/carried-signature.ts";
import type { Conversation } from "../../src/model/conversation.ts";
import type { EncodedRequest, EncodeTarget } from "../../src/model/dialect.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { Signature } from "../../src/model/signature.ts";
import { anyConversation } from "./any-conversation.ts";
import { bytesOf, chatRequest, thrown } from "./chat.ts";
import { faults } from "./openai-description.ts";
import { responsesRequest } from "./responses.ts";

const target: EncodeTarget = { model: "m", quirks: {} };
const conversationOf = (body: JsonObject): Conversation => responsesRequest(body).content();
const encoded = (body: JsonObject, quirks: EncodeTarget["quirks"] = {}): EncodedRequest =>
  encodeRequest(responsesRequest(body), { model: "m", quirks });
const sent = (body: JsonObject): JsonObject => JSON.parse(encoded(body).body);
/** What every translated request says. */
const stateless = { model: "m", include: ["reasoning.encrypted_content"], store: false };
const said = (role: string, content: unknown): JsonObject => ({ type: "message", role, content });

describe("facts", () => {
  test("are read at once", () => {
    const body = { model: "a/b", input: [], stream: true, max_output_tokens: 5, user: "u", strange: [1] };
    const bytes = bytesOf(JSON.stringify(body));
    const { original, content: _, ...facts } = decodeRequest({ bytes });
    expect(facts).toEqual({
      operation: "chat",
      dialect: "openai-responses",
      model: "a/b",
      stream: true,
      maxOutputTokens: 5,
      endUser: "u",
      bodyBytes: bytes.length,
    });
    expect(original?.body).toEqual(body);
  });

  test("null stands for absent, and nothing need be said", () => {
    const request = responsesRequest({ input: null, stream: null, max_output_tokens: null, user: null });
    expect(request).toMatchObject({ stream: false });
    expect(request.maxOutputTokens).toBeUndefined();
    expect(responsesRequest({ user: "u", safety_identifier: "s" }).endUser).toBe("s");
  });

  test("a bad one is refused by the field's path", () => {
    const cases: readonly [JsonObject, string][] = [
      [{ model: "" }, "model"],
      [{ input: 3 }, "input"],
      [{ stream: "yes" }, "stream"],
      [{ max_output_tokens: 1.5 }, "max_output_tokens"],
      [{ max_output_tokens: 0 }, "max_output_tokens"],
    ];
    for (const [body, field] of cases)
      expect(thrown(() => responsesRequest(body))).toMatchObject({ code: "invalid_request", field });
  });

  test("what only a translation must understand is refused there", () => {
    const cases: readonly [JsonObject, string][] = [
      [{ input: [3] }, "input[0]"],
      [{ input: [said("alien", "x")] }, "input[0].role"],
      [{ input: [said("user", 3)] }, "input[0].content"],
      [{ input: [{ type: "function_call_output", output: "x" }] }, "input[0].call_id"],
      [{ tools: [{ type: "function" }] }, "tools[0].name"],
    ];
    for (const [body, field] of cases)
      expect(thrown(() => conversationOf(body))).toMatchObject({ code: "invalid_request", field });
  });
});

describe("input", () => {
  test("instructions and a text", () => {
    expect(conversationOf({ instructions: "Be brief.", input: "hi" }).messages).toEqual([
      { role: "system", content: [{ kind: "text", text: "Be brief." }] },
      { role: "user", content: [{ kind: "text", text: "hi" }] },
    ]);
  });

  test("content parts", () => {
    const content = [
      { type: "input_text", text: "look" },
      { type: "input_image", image_url: "https://x.test/a.png", detail: "low" },
      { type: "input_image", image_url: "data:image/png;base64,AAAA", detail: "auto" },
      { type: "input_image", file_id: "file-2", detail: "auto" },
      { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,CCCC" },
      { type: "input_file", file_url: "https://x.test/b.pdf" },
      { type: "input_file", file_id: "file-1" },
    ];
    expect(conversationOf({ input: [said("user", content)] }).messages[0]?.content).toEqual([
      { kind: "text", text: "look" },
      { kind: "image", source: { from: "url", url: "https://x.test/a.png" }, detail: "low" },
      { kind: "image", source: { from: "base64", mediaType: "image/png", data: "AAAA" } },
      { kind: "image", source: { from: "file", vendor: "openai", fileId: "file-2" } },
      {
        kind: "document",
        source: { from: "base64", mediaType: "application/pdf", data: "CCCC" },
        name: "a.pdf",
      },
      { kind: "document", source: { from: "url", url: "https://x.test/b.pdf" } },
      { kind: "document", source: { from: "file", vendor: "openai", fileId: "file-1" } },
    ]);
    expect(sent({ input: [said("user", content)] })).toEqual({
      ...stateless,
      input: [said("user", content)],
    });
  });

  test("sound is told of to providers that take none, and kept for those that do", () => {
    const audio = { type: "input_audio", input_audio: { data: "BBBB", format: "mp3" } };
    const input = [said("user", [audio])];
    expect(encoded({ input }).losses.map(({ feature }) => feature)).toEqual(["audio"]);
    expect(JSON.parse(encoded({ input }, { has: ["audio"] }).body).input).toEqual(input);
  });

  test("items of one turn are one message; what follows the other keeps its place", () => {
    const input = [
      said("developer", "d"),
      said("user", "u"),
      {
        type: "reasoning",
        id: "rs_1",
        summary: [{ type: "summary_text", text: "hm" }],
        encrypted_content: "e",
      },
      said("assistant", "I look."),
      { type: "function_call", call_id: "a", name: "f", arguments: "{}" },
      { type: "custom_tool_call", call_id: "b", name: "g", input: "go" },
      { type: "function_call_output", call_id: "a", output: "1" },
      {
        type: "custom_tool_call_output",
        call_id: "b",
        output: [{ type: "input_image", image_url: "https://x.test/a.png", detail: "auto" }],
      },
    ];
    expect(conversationOf({ input }).messages).toEqual([
      { role: "developer", content: [{ kind: "text", text: "d" }] },
      { role: "user", content: [{ kind: "text", text: "u" }] },
      {
        role: "assistant",
        content: [
          { kind: "reasoning", text: "hm", signature: { vendor: "openai", value: "e", id: "rs_1" } },
          { kind: "text", text: "I look." },
          { kind: "tool-call", id: "a", name: "f", arguments: "{}" },
          { kind: "tool-call", id: "b", name: "g", arguments: "go", freeForm: true },
        ],
      },
      { role: "tool", toolCallId: "a", content: [{ kind: "text", text: "1" }] },
      {
        role: "tool",
        toolCallId: "b",
        content: [{ kind: "image", source: { from: "url", url: "https://x.test/a.png" } }],
      },
    ]);
    expect(sent({ input }).input).toEqual(input);
  });

  test("a vendor's own items, and parts that nobody has heard of, stay in their place", () => {
    const input = [
      said("user", "u"),
      { type: "web_search_call", id: "ws_1", status: "completed", action: { type: "search", query: "q" } },
      said("assistant", "found"),
      { type: "computer_call_output", call_id: "c", output: { type: "computer_screenshot" } },
      said("user", [{ type: "hologram", beam: 1 }]),
      { type: "function_call", call_id: "a", name: "f", arguments: "{}" },
      {
        type: "function_call_output",
        call_id: "a",
        output: [{ type: "input_text", text: "see" }, { type: "hologram" }],
      },
    ];
    expect(sent({ input }).input).toEqual(input);
    const { body, losses } = encodeChat(responsesRequest({ input }), target);
    expect(losses.map(({ feature }) => feature)).toEqual(["vendor-part"]);
    // Of what held nothing else, nothing is left.
    expect(JSON.parse(body).messages).toEqual([
      { role: "user", content: "u" },
      { role: "assistant", content: "found" },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "a", content: "see" },
    ]);
  });

  test("another vendor's proof comes back as what it is, a call's with its call", () => {
    const anthropic: Signature = { vendor: "anthropic", value: "s", id: "x" };
    const google: Signature = { vendor: "google", value: "g", id: "call:a" };
    const item = (signature: Signature, text: string): JsonObject => ({
      type: "reasoning",
      id: "rs_made_up",
      summary: text === "" ? [] : [{ type: "summary_text", text }],
      encrypted_content: carrySignature(signature, "openai"),
    });
    const call = { type: "function_call", call_id: "a", name: "f", arguments: "{}" };
    const input = [item(anthropic, "hm"), item(google, ""), call];
    expect(conversationOf({ input }).messages).toEqual([
      {
        role: "assistant",
        content: [
          { kind: "reasoning", text: "hm", signature: anthropic },
          {
            kind: "tool-call",
            id: "a",
            name: "f",
            arguments: "{}",
            signature: { vendor: "google", value: "g" },
          },
        ],
      },
    ]);
    // OpenAI refuses another's proof.
    expect(encoded({ input }).losses.map(({ feature }) => feature)).toEqual([
      "reasoning-history",
      "signature",
    ]);
    expect(sent({ input }).input).toEqual([call]);
  });

  test("another vendor's proof keeps the bytes from going to OpenAI as they are", () => {
    const wrapped = `gatehouse:anthropic:${Buffer.from('{"value":"v"}').toString("base64url")}`;
    const item = { type: "reasoning", id: "rs_1", summary: [], encrypted_content: wrapped };
    const request = responsesRequest({ input: [item, said("user", "x")] });
    expect(request.original?.isForeign).toBe(true);
    expect(responsesRequest({ input: [said("user", "x")] }).original?.isForeign).toBeUndefined();
    const { body, losses } = encodeRequest(request, { model: "m", quirks: {} });
    expect(body).not.toContain("gatehouse:");
    expect(losses.map(({ feature }) => feature)).toEqual(["reasoning-history"]);
  });

  test("raw reasoning goes to servers that take it", () => {
    const content = [{ type: "reasoning_text", text: "hm" }];
    const input = [{ type: "reasoning", id: "rs_0", summary: [], content }];
    expect(JSON.parse(encoded({ input }, { has: ["reasoning-history"] }).body).input).toEqual(input);
    expect(encoded({ input }).losses.map(({ feature }) => feature)).toEqual(["reasoning-history"]);
  });
});

describe("settings", () => {
  test("each that has a canonical word", () => {
    const tools = [
      { type: "function", name: "f", description: "d", parameters: { type: "object" }, strict: true },
      { type: "custom", name: "g", format: { type: "grammar", syntax: "regex", definition: "a+" } },
      { type: "web_search", search_context_size: "low" },
    ];
    const rest = {
      tools,
      tool_choice: {
        type: "allowed_tools",
        mode: "required",
        tools: [
          { type: "function", name: "f" },
          { type: "custom", name: "g" },
        ],
      },
      parallel_tool_calls: false,
      text: { format: { type: "json_schema", name: "s", schema: {}, strict: true }, verbosity: "low" },
      reasoning: { effort: "high", summary: "detailed" },
      temperature: 0.5,
      top_p: 0.25,
      max_output_tokens: 100,
      include: ["reasoning.encrypted_content", "message.output_text.logprobs"],
      top_logprobs: 3,
      metadata: { a: "b" },
      prompt_cache_key: "k",
      safety_identifier: "s",
      service_tier: "flex",
      store: true,
    };
    const { extensions, messages: _, ...conversation } = conversationOf(rest);
    expect(extensions).toEqual({});
    expect(conversation).toMatchObject({
      toolChoice: { kind: "allowed", mode: "required", names: ["f", "g"] },
      parallelToolCalls: false,
      responseFormat: { kind: "json-schema", name: "s", strict: true },
      verbosity: "low",
      reasoning: { effort: "high", shown: "detailed" },
      logProbabilities: { alternatives: 3 },
      cacheKey: "k",
      serviceTier: "flex",
      store: true,
    });
    const body = JSON.parse(encoded(rest, { endUserMember: "safety_identifier" }).body);
    expect(body).toEqual({ model: "m", input: [said("user", "hi")], ...rest });
    expect(faults("CreateResponse", body)).toEqual([]);
  });

  test("those without one reach this same dialect, and are named as lost elsewhere", () => {
    const rest = {
      truncation: "auto",
      max_tool_calls: 3,
      reasoning: { effort: "low", mode: "pro" },
      text: { format: { type: "grammar", definition: "x" }, verbosity: "high" },
      tool_choice: { type: "web_search_preview" },
      include: ["web_search_call.action.sources"],
      client_metadata: { a: 1 },
    };
    expect(sent(rest)).toMatchObject({
      ...rest,
      include: ["reasoning.encrypted_content", "web_search_call.action.sources"],
      tool_choice: rest.tool_choice,
    });
    const { losses } = encodeChat(responsesRequest(rest), target);
    expect(losses.flatMap(({ field }) => field ?? []).sort()).toEqual(Object.keys(rest).sort());
  });

  test("what is meant anyway is no loss", () => {
    const rest = {
      truncation: "disabled",
      background: false,
      service_tier: "auto",
      store: false,
      include: [],
      reasoning: { effort: null, summary: null },
      text: { format: { type: "text" } },
      stream_options: { include_obfuscation: false },
    };
    expect(encodeChat(responsesRequest(rest), target).losses).toEqual([]);
  });

  test("store is lost only where it was asked for", () => {
    const lacking: EncodeTarget = { model: "m", quirks: { lacks: ["store"] } };
    expect(encodeChat(responsesRequest({ store: true }), lacking).losses).toHaveLength(1);
    expect(encodeChat(responsesRequest({}), lacking).losses).toEqual([]);
    expect(encoded({}, { lacks: ["store"] }).body).not.toContain('"store"');
  });

  test("a function that says nothing is not strict: its optional parameters stay optional", () => {
    const tools = [{ type: "function", function: { name: "f", parameters: { type: "object" } } }];
    const request = chatRequest({ model: "m", messages: [{ role: "user", content: "x" }], tools });
    expect(JSON.parse(encodeRequest(request, target).body).tools).toEqual([
      { type: "function", name: "f", parameters: { type: "object" }, strict: false },
    ]);
  });

  test("a model that does not reason is asked for no proof", () => {
    expect(JSON.parse(encoded({}, { lacks: ["reasoning-effort"] }).body)).not.toHaveProperty("include");
  });

  test("a bound below the least that is taken is raised, and said so", () => {
    const { body, losses } = encoded({ max_output_tokens: 5 });
    expect(JSON.parse(body).max_output_tokens).toBe(16);
    expect(losses).toEqual([{ feature: "max-output-tokens", done: "16 was sent, the least it takes" }]);
    expect(encoded({ max_output_tokens: 900 }, { outputLimit: 800 }).losses).toEqual([
      { feature: "max-output-tokens", done: "800 was sent, the most it takes" },
    ]);
  });

  test("tools of a namespace are told to others under one name", () => {
    const inner = [{ type: "function", name: "open", parameters: { type: "object" } }];
    const body = {
      tools: [{ type: "namespace", name: "mcp__gate__", description: "d", tools: inner }],
      tool_choice: { type: "function", namespace: "mcp__gate__", name: "open" },
      input: [
        { type: "function_call", call_id: "a", namespace: "mcp__gate__", name: "open", arguments: "{}" },
      ],
    };
    const chat = JSON.parse(encodeChat(responsesRequest(body), target).body);
    expect(chat.tools[0].function.name).toBe("mcp__gate__open");
    expect(chat.tool_choice.function.name).toBe("mcp__gate__open");
    expect(chat.messages[0].tool_calls[0].function.name).toBe("mcp__gate__open");
  });
});

describe("what lives in another provider's memory", () => {
  const cases: readonly [JsonObject, string][] = [
    [{ previous_response_id: "resp_1" }, "previous_response_id"],
    [{ conversation: "conv_1" }, "conversation"],
    [{ conversation: { id: "conv_1" } }, "conversation"],
    [{ prompt: { id: "pmpt_1" } }, "prompt"],
    [{ input: [said("user", "x"), { type: "item_reference", id: "rs_1" }] }, "input[1]"],
    [{ input: [{ id: "rs_1" }] }, "input[0]"],
    [{ input: [{ type: "compaction", encrypted_content: "e" }] }, "input[0]"],
  ];
  for (const [body, field] of cases) {
    test(`${JSON.stringify(body)} is refused elsewhere, with the way to do without`, () => {
      const error = thrown(() => encodeChat(responsesRequest(body), target));
      expect(error).toMatchObject({ code: "cannot_translate", status: 400, field });
      expect(error.mend).toMatch(/`input`/);
      expect(sent(body)).toMatchObject("input" in body ? { input: body["input"] } : body);
    });
  }
});

describe("any conversation", () => {
  const efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const;
  const sayable = {
    lacks: BOUNDS.lacks,
    signatures: ["openai"],
    vendor: "openai",
    maxTemperature: 2,
    minOutputTokens: 16,
    efforts,
  } as const;

  test("is the same once encoded and decoded again, and keeps to OpenAI's description", () => {
    fc.assert(
      fc.property(anyConversation(sayable), (value) => {
        const request = { ...responsesRequest({}), content: () => value };
        const { body, losses } = encodeRequest(request, { ...target, model: "provider's own name" });
        expect(losses).toEqual([]);
        const again = decodeRequest({ bytes: bytesOf(body) });
        expect(again.model).toBe("provider's own name");
        const { store, ...rest } = again.content();
        expect(store).toBe(false);
        expect(rest).toEqual({
          ...value,
          tools: value.tools.map((tool) =>
            tool.kind === "function" && tool.strict === false ? { ...tool, strict: undefined } : tool,
          ) as Conversation["tools"],
        });
        expect(faults("CreateResponse", withIds(JSON.parse(body)))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test("survives the way through chat completions and back, as far as both can say it", () => {
    const both = { ...sayable, signatures: [], lacks: [...BOUNDS.lacks, "reasoning-history"] as const };
    fc.assert(
      fc.property(anyConversation(both), (value) => {
        const chat = encodeChat({ ...responsesRequest({}), content: () => value }, target);
        const { body } = encodeRequest(decodeChat({ bytes: bytesOf(chat.body) }), target);
        const { store: _, ...again } = decodeRequest({ bytes: bytesOf(body) }).content();
        expect({ ...again, messages: spoken(again) }).toEqual({ ...value, messages: spoken(value) });
      }),
      { numRuns: 150 },
    );
  });
});

/** OpenAI's description demands an id of reasoning, which its API takes without. */
function withIds(body: { input: JsonObject[] }): unknown {
  const input = body.input.map((item) => (item["type"] === "reasoning" ? { id: "rs_1", ...item } : item));
  return { ...body, input };
}

/** Chat completions are told no developers where nothing else is said, and name no detail that is usual. */
function spoken({ messages }: Pick<Conversation, "messages">): unknown {
  return messages.map((message) => ({
    ...message,
    role: message.role === "developer" ? "system" : message.role,
  }));
}
