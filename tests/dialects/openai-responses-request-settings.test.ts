import { describe, expect, test } from "bun:test";
import { encodeRequest as encodeChat } from "../../src/dialects/openai-chat/encode-request.ts";
import { decodeRequest } from "../../src/dialects/openai-responses/decode-request.ts";
import { encodeRequest } from "../../src/dialects/openai-responses/encode-request.ts";
import type { EncodeTarget } from "../../src/model/dialect.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { bytesOf, chatRequest, thrown } from "./chat.ts";
import { faults } from "./openai-description.ts";
import { responsesRequest } from "./responses.ts";
import { conversationOf, encoded, said, sent, target } from "./responses-requests.ts";

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
