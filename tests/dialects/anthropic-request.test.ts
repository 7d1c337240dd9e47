import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { BOUNDS } from "../../src/dialects/anthropic-messages/bounds.ts";
import { decodeCountRequest, decodeRequest } from "../../src/dialects/anthropic-messages/decode-request.ts";
import { encodeError } from "../../src/dialects/anthropic-messages/encode-error.ts";
import { encodeCountRequest } from "../../src/dialects/anthropic-messages/encode-request.ts";
import { encodeRequest as encodeChat } from "../../src/dialects/openai-chat/encode-request.ts";
import { carrySignature } from "../../src/dialects/translation/carried-signature.ts";
import type { Conversation } from "../../src/model/conversation.ts";
import type { InferenceRequest } from "../../src/model/inference-request.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { messageRequest, quirksOf, toAnthropic, USER } from "./anthropic.ts";
import { anyConversation } from "./any-conversation.ts";
import { bytesOf, chatRequest, thrown } from "./chat.ts";

const conversationOf = (rest: JsonObject): Conversation => messageRequest(rest).content();
/** Sent by a client of Anthropic's, said again for a model of Anthropic's. */
const sent = (rest: JsonObject, model?: string): JsonObject =>
  toAnthropic(messageRequest(rest), model).parsed;
/** Sent by a client of OpenAI's chat. */
const fromChat = (rest: JsonObject, model?: string) =>
  toAnthropic(chatRequest({ model: "m", messages: [USER], ...rest }), model);
const lossesOf = (rest: JsonObject, model?: string): readonly string[] =>
  fromChat(rest, model).losses.map(({ feature }) => feature);

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

describe("conversation", () => {
  test("system, blocks of every kind, results first", () => {
    const messages = [
      {
        role: "user",
        content: [
          { type: "text", text: "look", cache_control: { type: "ephemeral", ttl: "1h" } },
          { type: "image", source: { type: "url", url: "https://x.test/a.png" } },
          { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } },
          { type: "image", source: { type: "file", file_id: "file_1" } },
          {
            type: "document",
            source: { type: "base64", media_type: "application/pdf", data: "BBBB" },
            title: "T",
          },
          { type: "document", source: { type: "url", url: "https://x.test/a.pdf" } },
          {
            type: "document",
            source: { type: "text", media_type: "text/plain", data: "words" },
            context: "C",
            citations: { enabled: true },
          },
          { type: "hologram", beam: 1 },
        ],
      },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "hm", signature: "c2ln" },
          { type: "redacted_thinking", data: "cmVk" },
          { type: "text", text: "I ask." },
          { type: "tool_use", id: "toolu_1", name: "f", input: { a: 1 } },
          { type: "server_tool_use", id: "srv_1", name: "web_search", input: {} },
        ],
      },
      {
        role: "user",
        content: [
          { type: "text", text: "and?" },
          {
            type: "tool_result",
            tool_use_id: "toolu_1",
            is_error: true,
            content: [{ type: "text", text: "no" }],
          },
        ],
      },
    ];
    const conversation = conversationOf({ system: [{ type: "text", text: "Be brief." }], messages });
    expect(conversation.messages).toEqual([
      { role: "system", content: [{ kind: "text", text: "Be brief." }] },
      {
        role: "user",
        content: [
          { kind: "text", text: "look", cache: { ttl: "1h" } },
          { kind: "image", source: { from: "url", url: "https://x.test/a.png" } },
          { kind: "image", source: { from: "base64", mediaType: "image/png", data: "AAAA" } },
          { kind: "image", source: { from: "file", vendor: "anthropic", fileId: "file_1" } },
          {
            kind: "document",
            source: { from: "base64", mediaType: "application/pdf", data: "BBBB" },
            name: "T",
          },
          { kind: "document", source: { from: "url", url: "https://x.test/a.pdf" } },
          { kind: "document", source: { from: "text", text: "words" }, context: "C", citable: true },
          { kind: "other", dialect: "anthropic-messages", value: { type: "hologram", beam: 1 } },
        ],
      },
      {
        role: "assistant",
        content: [
          { kind: "reasoning", text: "hm", signature: { vendor: "anthropic", value: "c2ln" } },
          { kind: "reasoning", text: "", signature: { vendor: "anthropic", value: "cmVk", redacted: true } },
          { kind: "text", text: "I ask." },
          { kind: "tool-call", id: "toolu_1", name: "f", arguments: '{"a":1}' },
          {
            kind: "other",
            dialect: "anthropic-messages",
            value: { type: "server_tool_use", id: "srv_1", name: "web_search", input: {} },
          },
        ],
      },
      { role: "tool", toolCallId: "toolu_1", content: [{ kind: "text", text: "no" }], isError: true },
      { role: "user", content: [{ kind: "text", text: "and?" }] },
    ]);
  });

  test("a document in blocks and a search result are text to others, and themselves to Anthropic", () => {
    const blocks = {
      type: "document",
      source: {
        type: "content",
        content: [
          { type: "text", text: "one" },
          { type: "text", text: "two" },
        ],
      },
    };
    const found = {
      type: "search_result",
      source: "https://x.test",
      title: "X",
      content: [{ type: "text", text: "passage" }],
      citations: { enabled: true },
    };
    const messages = [{ role: "user", content: [blocks, found] }];
    expect(conversationOf({ messages }).messages[0]?.content).toEqual([
      {
        kind: "document",
        source: { from: "text", text: "one\n\ntwo" },
        original: { dialect: "anthropic-messages", value: blocks },
      },
      {
        kind: "document",
        source: { from: "text", text: "passage" },
        name: "X",
        context: "https://x.test",
        citable: true,
        original: { dialect: "anthropic-messages", value: found },
      },
    ]);
    expect(sent({ messages })["messages"]).toEqual(messages);
  });

  test("settings, and what only Anthropic has", () => {
    const conversation = conversationOf({
      stop_sequences: ["END"],
      temperature: 0.5,
      top_p: 0.9,
      top_k: 4,
      thinking: { type: "enabled", budget_tokens: 2000, display: "omitted" },
      output_config: {
        effort: "low",
        format: { type: "json_schema", schema: { type: "object", properties: {} } },
        task_budget: { type: "tokens", total: 20_000 },
      },
      tool_choice: { type: "any", disable_parallel_tool_use: true },
      tools: [
        { name: "f", description: "d", input_schema: { type: "object" }, strict: true, defer_loading: true },
        { type: "web_search_20260318", name: "web_search" },
      ],
      metadata: { user_id: "u" },
      service_tier: "standard_only",
      container: "c_1",
    });
    expect(conversation).toMatchObject({
      sampling: { temperature: 0.5, topP: 0.9, topK: 4, stop: ["END"], maxOutputTokens: 4000 },
      reasoning: { mode: "on", budgetTokens: 2000, shown: "none", effort: "low" },
      responseFormat: { kind: "json-schema", schema: { type: "object", properties: {} } },
      toolChoice: { kind: "required" },
      parallelToolCalls: false,
      tools: [
        {
          kind: "function",
          name: "f",
          description: "d",
          parameters: { type: "object" },
          strict: true,
          extension: { dialect: "anthropic-messages", members: { defer_loading: true } },
        },
        {
          kind: "vendor",
          dialect: "anthropic-messages",
          value: { type: "web_search_20260318", name: "web_search" },
        },
      ],
      serviceTier: "default",
      extensions: {
        "anthropic-messages": {
          container: "c_1",
          output_config: { task_budget: { type: "tokens", total: 20_000 } },
        },
      },
    });
  });

  test("what only Anthropic has reaches Anthropic", () => {
    const body = sent({
      container: "c_1",
      output_config: { effort: "low", task_budget: { total: 1 } },
      thinking: { type: "adaptive", display: "updates" },
      tools: [{ name: "f", input_schema: { type: "object" }, eager_input_streaming: true }],
    });
    expect(body).toMatchObject({
      container: "c_1",
      output_config: { effort: "low", task_budget: { total: 1 } },
      thinking: { type: "adaptive", display: "updates" },
      tools: [{ name: "f", input_schema: { type: "object" }, eager_input_streaming: true }],
    });
  });
});

describe("messages as Anthropic takes them", () => {
  const call = (id: string) => ({ id, type: "function", function: { name: "f", arguments: "{}" } });

  test("instructions are the system prompt; results of parallel calls are one turn, with what follows", () => {
    const { parsed } = fromChat({
      messages: [
        { role: "system", content: "One." },
        { role: "developer", content: "Two." },
        USER,
        { role: "assistant", content: null, tool_calls: [call("a"), call("functions.f:0")] },
        { role: "tool", tool_call_id: "a", content: "1" },
        { role: "tool", tool_call_id: "functions.f:0", content: "2" },
        { role: "user", content: "go on" },
      ],
    });
    expect(parsed["system"]).toEqual([
      { type: "text", text: "One." },
      { type: "text", text: "Two." },
    ]);
    expect(parsed["messages"]).toEqual([
      USER,
      {
        role: "assistant",
        content: [
          { type: "tool_use", id: "a", name: "f", input: {} },
          { type: "tool_use", id: "functions_2e_f_3a_0", name: "f", input: {} },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "a", content: "1" },
          { type: "tool_result", tool_use_id: "functions_2e_f_3a_0", content: "2" },
          { type: "text", text: "go on" },
        ],
      },
    ]);
  });

  const late = {
    messages: [
      USER,
      { role: "assistant", content: "ha" },
      { role: "system", content: "Now in verse." },
      USER,
    ],
  };

  test("late instructions stand behind the user's turn where the model takes them", () => {
    const { parsed, losses } = fromChat(late, "claude-opus-5");
    expect(parsed["messages"]).toEqual([
      USER,
      { role: "assistant", content: "ha" },
      USER,
      { role: "system", content: "Now in verse." },
    ]);
    expect(losses).toEqual([]);
  });

  test("and are told inside the user's turn where not", () => {
    const { parsed, losses } = fromChat(late, "claude-sonnet-5");
    expect(parsed["messages"]).toEqual([
      USER,
      { role: "assistant", content: "ha" },
      { role: "user", content: "<system>\nNow in verse.\n</system>" },
      USER,
    ]);
    expect(losses.map(({ feature }) => feature)).toEqual(["late-system-message"]);
  });

  test("members beside a late instruction reach Anthropic and are lost elsewhere", () => {
    const messages = [USER, { role: "system", content: "Hush.", clear_at: "next_user_message" }];
    expect(sent({ messages }, "claude-opus-5-5")["messages"]).toEqual(messages);
    expect(conversationOf({ messages }).messages[1]?.content).toHaveLength(2);
  });

  test("an assistant that begins, a conversation of instructions alone, turns that say nothing", () => {
    const greeting = fromChat({ messages: [{ role: "assistant", content: "Welcome." }, USER] }).parsed;
    expect(greeting["messages"]).toMatchObject([
      { role: "user" },
      { role: "assistant", content: "Welcome." },
      USER,
    ]);
    expect(fromChat({ messages: [{ role: "system", content: "Sing." }] }).parsed["messages"]).toEqual([
      { role: "user", content: "Sing." },
    ]);
    const silent = [USER, { role: "assistant", content: "" }, { role: "user", content: " " }];
    expect(fromChat({ messages: silent }).parsed["messages"]).toEqual([USER]);
  });

  test("arguments that are no JSON are kept; refusals are text; unsigned reasoning is left out", () => {
    const { parsed, losses } = fromChat({
      messages: [
        USER,
        {
          role: "assistant",
          content: null,
          refusal: "No.",
          reasoning_content: "hm",
          tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "{broken" } }],
        },
      ],
    });
    expect(parsed["messages"]).toMatchObject([
      USER,
      {
        role: "assistant",
        content: [
          { type: "text", text: "No." },
          { type: "tool_use", id: "a", name: "f", input: { input: "{broken" } },
        ],
      },
    ]);
    expect(losses.map(({ feature }) => feature)).toEqual(["reasoning-history"]);
  });

  test("what no member exists for is named", () => {
    expect(
      lossesOf({
        seed: 1,
        n: 2,
        logprobs: true,
        frequency_penalty: 1,
        presence_penalty: 0,
        prompt_cache_key: "k",
        metadata: { a: "b" },
        verbosity: "low",
        store: true,
        temperature: 2,
        logit_bias: { "1": 2 },
      }),
    ).toEqual([
      "verbosity",
      "choices",
      "log-probabilities",
      "cache-key",
      "metadata",
      "store",
      "extension",
      "seed",
      "frequency-penalty",
      "temperature",
    ]);
  });
});

describe("tools", () => {
  const tool = (rest: JsonObject = {}) => ({
    type: "function",
    function: { name: "f", parameters: { type: "object", properties: { a: { type: "string" } } }, ...rest },
  });

  test("choices, and one call at a time", () => {
    const choice = (tool_choice: unknown, rest: JsonObject = {}) =>
      fromChat({ tools: [tool()], tool_choice, ...rest }).parsed["tool_choice"];
    expect(choice("auto")).toEqual({ type: "auto" });
    expect(choice("none")).toEqual({ type: "none" });
    expect(choice("required")).toEqual({ type: "any" });
    expect(choice({ type: "function", function: { name: "f" } })).toEqual({ type: "tool", name: "f" });
    expect(choice(undefined, { parallel_tool_calls: false })).toEqual({
      type: "auto",
      disable_parallel_tool_use: true,
    });
    expect(choice("required", { parallel_tool_calls: false })).toEqual({
      type: "any",
      disable_parallel_tool_use: true,
    });
  });

  test("a tool that must be called: asked for where the model can be made to, else left to it", () => {
    const forced = { tools: [tool()], tool_choice: "required" };
    expect(fromChat(forced, "claude-opus-5").parsed).toMatchObject({
      tool_choice: { type: "any" },
      thinking: { type: "disabled" },
    });
    expect(fromChat(forced, "claude-sonnet-4-6").parsed).not.toHaveProperty("thinking");
    expect(fromChat(forced, "claude-opus-5-5").parsed).not.toHaveProperty("tool_choice");
    expect(lossesOf(forced, "claude-opus-5-5")).toEqual(["tool-choice"]);
    const thinking = { ...forced, reasoning_effort: "high" };
    expect(fromChat(thinking, "claude-haiku-4-5").parsed).toMatchObject({
      tool_choice: { type: "any" },
      thinking: { type: "disabled" },
    });
    expect(lossesOf(thinking, "claude-haiku-4-5")).toEqual(["reasoning-effort"]);
  });

  test("strict ones are closed; what can't be is told plainly, and more than twenty are not taken", () => {
    const closed = fromChat({ tools: [tool({ strict: true })] }).parsed["tools"];
    expect(closed).toMatchObject([{ strict: true, input_schema: { additionalProperties: false } }]);
    const open = tool({ strict: true, parameters: { type: "object", additionalProperties: true } });
    expect(fromChat({ tools: [open] }).parsed["tools"]).toMatchObject([{ strict: false }]);
    expect(lossesOf({ tools: [open] })).toEqual(["strict-tools"]);
    const many = Array.from({ length: 22 }, (_, index) => tool({ strict: true, name: `f${index}` }));
    expect(fromChat({ tools: many }).losses).toHaveLength(2);
    expect(fromChat({ tools: [tool({ strict: true })] }, "claude-3-5-haiku-latest").losses).toHaveLength(1);
  });

  test("a free-form tool is told as a function, and its call comes back free-form", () => {
    const custom = { type: "custom", custom: { name: "sh", description: "runs" } };
    const { parsed, form } = fromChat({
      tools: [custom],
      messages: [
        USER,
        { role: "assistant", tool_calls: [{ id: "a", type: "custom", custom: { name: "sh", input: "ls" } }] },
        { role: "tool", tool_call_id: "a", content: "x" },
      ],
    });
    expect(form).toEqual({ freeFormTools: ["sh"] });
    expect(parsed["tools"]).toMatchObject([{ name: "sh", input_schema: { required: ["input"] } }]);
    expect(JSON.stringify(parsed["messages"])).toContain('"input":{"input":"ls"}');
  });
});

describe("the form of the answer", () => {
  const schema = {
    type: "object",
    properties: { age: { type: "integer", minimum: 3 }, tags: { type: "array", items: { type: "string" } } },
    required: ["age"],
  };
  const format = (json: JsonObject) => ({
    response_format: { type: "json_schema", json_schema: { name: "person", schema: json } },
  });

  test("natively, closed, with bounds in words", () => {
    const { parsed, form, losses } = fromChat(format(schema));
    expect(form).toEqual({});
    expect(parsed["output_config"]).toEqual({
      format: {
        type: "json_schema",
        schema: {
          type: "object",
          properties: {
            age: { type: "integer", description: "{minimum: 3}" },
            tags: { type: "array", items: { type: "string" } },
          },
          required: ["age"],
          additionalProperties: false,
        },
      },
    });
    expect(losses.map(({ feature }) => feature)).toEqual(["json-schema"]);
  });

  test("by a tool where the family has no other way, or the schema is open or contains itself", () => {
    const recursive = {
      type: "object",
      properties: { next: { $ref: "#/$defs/node" } },
      $defs: { node: { type: "object", properties: { next: { $ref: "#/$defs/node" } } } },
    };
    const open = { type: "object", additionalProperties: { type: "string" } };
    for (const [json, model] of [
      [schema, "claude-opus-4-1"],
      [open, "claude-sonnet-4-6"],
      [recursive, "claude-sonnet-4-6"],
    ] as const) {
      const { parsed, form, losses } = fromChat(format(json), model);
      expect(form).toEqual({ jsonTool: "give_answer" });
      expect(parsed["tool_choice"]).toMatchObject({ type: "tool", name: "give_answer" });
      expect(parsed["tools"]).toMatchObject([{ name: "give_answer", input_schema: json }]);
      expect(losses).toEqual([]);
    }
    const beside = fromChat(
      { ...format(schema), tools: [{ type: "function", function: { name: "give_answer" } }] },
      "claude-opus-4-1",
    );
    expect(beside.form).toEqual({ jsonTool: "give_answer_" });
    expect(beside.parsed["tool_choice"]).toEqual({ type: "any", disable_parallel_tool_use: true });
  });

  test("some JSON by a tool, or in words where no tool can be forced", () => {
    const json = { response_format: { type: "json_object" } };
    expect(fromChat(json).form).toEqual({ jsonTool: "give_answer" });
    const { parsed, losses, form } = fromChat(json, "claude-opus-5-5");
    expect(form).toEqual({});
    expect(parsed["system"]).toContain("one JSON object");
    expect(losses.map(({ feature }) => feature)).toEqual(["json-object"]);
  });
});

describe("thinking, by family", () => {
  const effort = (reasoning_effort: string, model: string, rest: JsonObject = {}) => {
    const { parsed, losses } = fromChat({ reasoning_effort, ...rest }, model);
    const { thinking, output_config, max_tokens } = parsed;
    return { thinking, output_config, max_tokens, losses: losses.map(({ feature }) => feature) };
  };

  test("an effort", () => {
    expect(effort("high", "claude-opus-4-8")).toEqual({
      thinking: { type: "adaptive" },
      output_config: { effort: "high" },
      max_tokens: 128_000,
      losses: [],
    });
    expect(effort("minimal", "claude-opus-5-5")).toMatchObject({
      output_config: { effort: "low" },
      losses: ["reasoning-effort"],
    });
    expect(effort("xhigh", "claude-sonnet-4-6")).toMatchObject({
      output_config: { effort: "high" },
      losses: ["reasoning-effort"],
    });
    expect(effort("low", "claude-haiku-4-5")).toEqual({
      thinking: { type: "enabled", budget_tokens: 1_024 },
      output_config: undefined,
      max_tokens: 64_000,
      losses: [],
    });
    expect(effort("medium", "claude-opus-4-5")).toMatchObject({
      thinking: { type: "enabled", budget_tokens: 8_192 },
      output_config: { effort: "medium" },
    });
    expect(effort("high", "claude-3-5-haiku-latest")).toMatchObject({
      thinking: undefined,
      losses: ["reasoning-effort"],
    });
    expect(sent({ thinking: { type: "adaptive" } }, "claude-3-haiku")).not.toHaveProperty("thinking");
    expect(effort("high", "claude-nobody-knows-yet")).toMatchObject({ thinking: { type: "adaptive" } });
  });

  test("none", () => {
    expect(effort("none", "claude-opus-4-8")).toMatchObject({ thinking: { type: "disabled" }, losses: [] });
    expect(effort("none", "claude-haiku-4-5")).toMatchObject({ thinking: { type: "disabled" }, losses: [] });
    expect(effort("none", "claude-sonnet-5-5")).toMatchObject({
      thinking: { type: "between_tools" },
      losses: [],
    });
    for (const model of ["claude-opus-5-5", "claude-fable-5", "claude-mythos-5-1"]) {
      expect(effort("none", model)).toMatchObject({
        thinking: undefined,
        output_config: { effort: "low" },
        losses: ["reasoning-effort"],
      });
    }
    const off = { thinking: { type: "disabled" }, output_config: { effort: "max" } };
    expect(sent(off, "claude-opus-5")).toMatchObject({
      thinking: { type: "disabled" },
      output_config: { effort: "high" },
    });
  });

  test("a budget keeps below the bound on the output", () => {
    expect(effort("high", "claude-haiku-4-5", { max_tokens: 10_000 })).toEqual({
      thinking: { type: "enabled", budget_tokens: 8_000 },
      output_config: undefined,
      max_tokens: 10_000,
      losses: ["reasoning-budget"],
    });
    expect(effort("high", "claude-haiku-4-5", { max_tokens: 1_100 }).thinking).toEqual({
      type: "enabled",
      budget_tokens: 1_024,
    });
    expect(effort("high", "claude-haiku-4-5", { max_tokens: 1_024 })).toMatchObject({
      thinking: { type: "disabled" },
      losses: ["reasoning-budget"],
    });
    const unknown = toAnthropic(
      chatRequest({ model: "m", messages: [USER], reasoning_effort: "high" }),
      "m",
      {},
    );
    expect(unknown.parsed).toMatchObject({
      thinking: { type: "enabled", budget_tokens: 24_576 },
      max_tokens: 32_768,
    });
  });

  test("a budget becomes an effort where the model chooses by itself", () => {
    const thinking = { type: "enabled", budget_tokens: 2_000 };
    const encoded = toAnthropic(messageRequest({ thinking }), "claude-opus-5-5");
    expect(encoded.parsed).toMatchObject({
      thinking: { type: "adaptive" },
      output_config: { effort: "low" },
    });
    expect(encoded.losses.map(({ feature }) => feature)).toEqual(["reasoning-budget"]);
    expect(sent({ thinking: { type: "enabled", budget_tokens: 500 } }, "claude-haiku-4-5")).toMatchObject({
      thinking: { type: "enabled", budget_tokens: 1_024 },
    });
  });

  test("sampling that does not go together with it", () => {
    const sampling = { temperature: 0.3, top_p: 0.5, reasoning_effort: "low" };
    const thinking = fromChat(sampling, "claude-sonnet-4-6").parsed;
    expect(thinking).not.toHaveProperty("temperature");
    expect(thinking["top_p"]).toBe(0.95);
    expect(lossesOf(sampling, "claude-sonnet-4-6")).toEqual(["temperature", "top-p"]);
    expect(lossesOf({ temperature: 0.3, top_p: 0.5 }, "claude-sonnet-4-6")).toEqual(["top-p"]);
    expect(lossesOf({ temperature: 0.3, top_p: 0.5 }, "claude-opus-4-7")).toEqual(["temperature", "top-p"]);
    expect(lossesOf({ temperature: 1, top_p: 1 }, "claude-opus-4-7")).toEqual([]);
  });
});

describe("the rest", () => {
  test("bounds, tiers, users, blank stops, the version's header", () => {
    const encoded = fromChat({
      max_completion_tokens: 1_000_000,
      service_tier: "flex",
      user: "u",
      stop: ["END", " "],
      stream: true,
    });
    expect(encoded.parsed).toMatchObject({
      max_tokens: 128_000,
      metadata: { user_id: "u" },
      stop_sequences: ["END"],
      stream: true,
    });
    expect(encoded.losses.map(({ feature }) => feature)).toEqual([
      "max-output-tokens",
      "stop",
      "service-tier",
    ]);
    expect(encoded.headers).toEqual({ "anthropic-version": "2023-06-01" });
    expect(toAnthropic(chatRequest({ model: "m", messages: [USER] }), "m", {}).parsed["max_tokens"]).toBe(
      8_192,
    );
  });

  test("a count says what is read and nothing else", () => {
    const {
      stream: _stream,
      maxOutputTokens: _max,
      ...request
    } = messageRequest({ system: "S", temperature: 0.5 });
    const count: InferenceRequest<"count-tokens"> = { ...request, operation: "count-tokens", stream: false };
    const { body } = encodeCountRequest(count, { model: "x", quirks: quirksOf("claude-sonnet-4-6") });
    expect(JSON.parse(body)).toEqual({ model: "x", system: "S", messages: [USER] });
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

describe("any conversation", () => {
  const sayable = {
    lacks: [...BOUNDS.lacks, "top-p" as const],
    signatures: ["anthropic" as const],
    vendor: "anthropic" as const,
    maxTemperature: 1,
    efforts: [],
    closedSchema: { name: "answer" },
    isRich: true,
  };
  const survives = (conversation: Conversation, model: string): void => {
    const request = { ...messageRequest({}), content: () => conversation };
    const { body, losses } = toAnthropic(request, model);
    expect(losses).toEqual([]);
    expect(decodeRequest({ bytes: bytesOf(body) }).content()).toEqual(conversation);
  };

  test("survives the way out and back", () => {
    fc.assert(
      fc.property(anyConversation(sayable), (conversation) => survives(conversation, "claude-sonnet-4-6")),
      { numRuns: 400 },
    );
  });

  test("survives with its thinking", () => {
    const thinking = {
      ...sayable,
      isUnforced: true,
      lacks: [...sayable.lacks, "temperature" as const, "top-k" as const],
      reasonings: [
        { mode: "adaptive" as const },
        { mode: "adaptive" as const, effort: "xhigh" as const, shown: "auto" as const },
        { mode: "off" as const },
      ],
    };
    fc.assert(
      fc.property(anyConversation(thinking), (conversation) => survives(conversation, "claude-opus-5")),
      { numRuns: 200 },
    );
  });
});
