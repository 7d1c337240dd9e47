import { describe, expect, test } from "bun:test";
import { decodeResponse } from "../../src/dialects/openai-chat/decode-response.ts";
import { encodeRequest } from "../../src/dialects/openai-chat/encode-request.ts";
import type { Conversation, Message } from "../../src/model/conversation.ts";
import type { EncodedRequest } from "../../src/model/dialect.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { Quirks } from "../../src/model/quirks.ts";
import type { FunctionTool, ToolChoice } from "../../src/model/tool.ts";
import { thrown } from "./chat.ts";

const HELLO: Message = { role: "user", content: [{ kind: "text", text: "Hello!" }] };
const TOOL: FunctionTool = { kind: "function", name: "f", parameters: { type: "object" } };

interface Put extends Partial<Conversation> {
  readonly stream?: boolean;
}

function encoded(quirks: Quirks, { stream = false, ...rest }: Put): EncodedRequest {
  const conversation: Conversation = { messages: [HELLO], tools: [], sampling: {}, extensions: {}, ...rest };
  const request = {
    operation: "chat",
    dialect: "generate",
    model: "m",
    stream,
    bodyBytes: 0,
    content: () => conversation,
  } as const;
  return encodeRequest(request, { model: "m", quirks });
}

function body(quirks: Quirks, put: Put): JsonObject {
  const { model: _model, messages: _messages, ...rest } = JSON.parse(encoded(quirks, put).body);
  return rest;
}

function messages(quirks: Quirks, ...list: readonly Message[]): unknown {
  return JSON.parse(encoded(quirks, { messages: list }).body).messages;
}

function losses(quirks: Quirks, put: Put): readonly string[] {
  return encoded(quirks, put).losses.map(({ feature, done }) => `${feature}: ${done}`);
}

describe("members by another name or form", () => {
  test("Mistral's seed, and a stream whose usage comes unasked", () => {
    const quirks: Quirks = { seedMember: "random_seed", streamUsage: "unasked" };
    expect(body(quirks, { sampling: { seed: 7, temperature: 1 }, stream: true })).toEqual({
      random_seed: 7,
      temperature: 1,
      stream: true,
    });
  });

  test("members that each request carries", () => {
    expect(body({ alsoSent: { reasoning_format: "parsed" } }, {})).toEqual({ reasoning_format: "parsed" });
  });

  test("documents, sound and film", () => {
    const parts: Message = {
      role: "user",
      content: [
        {
          kind: "document",
          source: { from: "base64", mediaType: "application/pdf", data: "AAAA" },
          name: "a.pdf",
        },
        { kind: "document", source: { from: "url", url: "https://x.test/b.pdf" } },
        { kind: "audio", source: { from: "base64", mediaType: "audio/wav", data: "BBBB" } },
        { kind: "video", source: { from: "url", url: "https://x.test/c.mp4" } },
      ],
    };
    const has = ["document-url", "video"] as const;
    const video = { type: "video_url", video_url: { url: "https://x.test/c.mp4" } };
    const pdf = "data:application/pdf;base64,AAAA";
    expect(messages({ has, documentForm: "document_url", audioForm: "base64" }, parts)).toEqual([
      {
        role: "user",
        content: [
          { type: "document_url", document_url: pdf, document_name: "a.pdf" },
          { type: "document_url", document_url: "https://x.test/b.pdf" },
          { type: "input_audio", input_audio: "BBBB" },
          video,
        ],
      },
    ]);
    expect(messages({ has, documentForm: "file_url" }, parts)).toEqual([
      {
        role: "user",
        content: [
          { type: "file_url", file_url: { url: "AAAA" }, file_name: "a.pdf" },
          { type: "file_url", file_url: { url: "https://x.test/b.pdf" } },
          { type: "input_audio", input_audio: { data: "BBBB", format: "wav" } },
          video,
        ],
      },
    ]);
    expect(messages({ has }, parts)).toMatchObject([
      {
        content: [
          { type: "file", file: { filename: "a.pdf", file_data: pdf } },
          { type: "file", file: { file_data: "https://x.test/b.pdf" } },
          { type: "input_audio" },
          video,
        ],
      },
    ]);
  });
});

describe("reasoning of earlier turns", () => {
  const thought: Message = {
    role: "assistant",
    content: [
      { kind: "reasoning", text: "Hm." },
      { kind: "text", text: "Hi." },
    ],
  };
  const plain: Message = { role: "assistant", content: [{ kind: "text", text: "Hi." }] };

  test("under each vendor's name", () => {
    expect(messages({}, thought)).toEqual([{ role: "assistant", content: "Hi.", reasoning_content: "Hm." }]);
    expect(messages({ reasoningHistory: "reasoning" }, thought)).toEqual([
      { role: "assistant", content: "Hi.", reasoning: "Hm." },
    ]);
    expect(messages({ reasoningHistory: "thinking-part" }, thought)).toEqual([
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: [{ type: "text", text: "Hm." }], closed: true },
          { type: "text", text: "Hi." },
        ],
      },
    ]);
    expect(messages({ reasoningHistory: "thinking-part" }, plain)).toEqual([
      { role: "assistant", content: "Hi." },
    ]);
  });

  test("DeepSeek refuses a turn without: an empty one is said, and only for the assistant", () => {
    expect(messages({ reasoningHistoryRequired: true }, HELLO, plain, thought)).toEqual([
      { role: "user", content: "Hello!" },
      { role: "assistant", content: "Hi.", reasoning_content: "" },
      { role: "assistant", content: "Hi.", reasoning_content: "Hm." },
    ]);
  });
});

describe("how hard to think", () => {
  const effort = (value: "none" | "high") => ({ reasoning: { effort: value } });

  test("by a switch beside the effort", () => {
    expect(body({ thinkingSwitch: "thinking" }, effort("none"))).toEqual({ thinking: { type: "disabled" } });
    expect(body({ thinkingSwitch: "thinking" }, effort("high"))).toEqual({
      thinking: { type: "enabled" },
      reasoning_effort: "high",
    });
    expect(body({ thinkingSwitch: "reasoning" }, { reasoning: { mode: "off" } })).toEqual({
      reasoning: { enabled: false },
    });
    expect(body({ thinkingSwitch: "enable_thinking", reasoningBy: "budget" }, effort("high"))).toEqual({
      enable_thinking: true,
      thinking_budget: 24_576,
    });
    expect(
      body(
        { thinkingSwitch: "enable_thinking", reasoningBy: "budget" },
        { reasoning: { mode: "on", budgetTokens: 500 } },
      ),
    ).toEqual({ enable_thinking: true, thinking_budget: 500 });
    expect(body({ thinkingSwitch: "thinking" }, {})).toEqual({});
  });

  test("by a switch alone, which is said", () => {
    const quirks: Quirks = { thinkingSwitch: "thinking", reasoningBy: "switch" };
    expect(body(quirks, effort("high"))).toEqual({ thinking: { type: "enabled" } });
    expect(losses(quirks, effort("high"))).toEqual([
      "reasoning-effort: thinking was switched on; how hard is the model's own choice",
    ]);
    expect(losses(quirks, effort("none"))).toEqual([]);
  });

  test("not at all: a budget does not come back as an effort", () => {
    const quirks: Quirks = { lacks: ["reasoning-effort"] };
    const put = { reasoning: { mode: "on", budgetTokens: 500 } } as const;
    expect(body(quirks, put)).toEqual({});
    expect(losses(quirks, put)).toEqual(["reasoning-budget: left out"]);
  });
});

describe("the choice among tools", () => {
  const two = { tools: [TOOL, { ...TOOL, name: "g" }] };
  const namesOf = (quirks: Quirks, put: Put): readonly unknown[] => {
    const { tools, tool_choice: choice } = body(quirks, put);
    const names = Array.isArray(tools) ? tools.map((tool) => tool.function.name) : [];
    return [names, choice];
  };

  test("a named one is said by leaving out the others", () => {
    const put = { ...two, toolChoice: { kind: "tool", name: "g" } } as const;
    expect(namesOf({ toolChoices: ["auto", "none", "required"] }, put)).toEqual([["g"], "required"]);
    expect(losses({ toolChoices: ["auto", "none", "required"] }, put)).toEqual([]);
  });

  test("one that must be called is reported where it can't be said", () => {
    const put = { ...two, toolChoice: { kind: "required" } } as const;
    expect(namesOf({ toolChoices: ["auto", "none", "tool"] }, put)).toEqual([["f", "g"], undefined]);
    expect(losses({ toolChoices: ["auto", "none", "tool"] }, put)).toEqual([
      "tool-choice: left out: the model chooses",
    ]);
  });

  test("none where that can't be said: no tools", () => {
    const put = { ...two, toolChoice: { kind: "none" } } as const;
    expect(namesOf({ lacks: ["tool-choice"] }, put)).toEqual([[], undefined]);
  });

  test("a provider without tools refuses them, and a conversation in which they were used", () => {
    const quirks: Quirks = { lacks: ["tools"] };
    expect(thrown(() => encoded(quirks, two))).toMatchObject({ code: "cannot_translate", field: "tools" });
    const result: Message = { role: "tool", toolCallId: "1", content: [] };
    expect(thrown(() => encoded(quirks, { messages: [HELLO, result] })).code).toBe("cannot_translate");
    expect(losses(quirks, {})).toEqual([]);
  });

  test("Mistral's ids of calls: nine letters and digits, the same in the call and its result", () => {
    const call: Message = {
      role: "assistant",
      content: [{ kind: "tool-call", id: "toolu_01ABC", name: "f", arguments: "{}" }],
    };
    const result: Message = {
      role: "tool",
      toolCallId: "toolu_01ABC",
      content: [{ kind: "text", text: "1" }],
    };
    const quirks: Quirks = { toolCallIds: "nine-characters" };
    const sent = JSON.parse(encoded(quirks, { messages: [HELLO, call, result] }).body).messages;
    expect(sent[1].tool_calls[0].id).toMatch(/^[a-z0-9]{9}$/);
    expect(sent[2].tool_call_id).toBe(sent[1].tool_calls[0].id);
    const own: Message = { role: "tool", toolCallId: "Ab3dEf9hI", content: [] };
    expect(JSON.parse(encoded(quirks, { messages: [HELLO, own] }).body).messages[1].tool_call_id).toBe(
      "Ab3dEf9hI",
    );
  });
});

describe("a JSON schema", () => {
  const schema = { type: "object", properties: { a: { type: "string" } } };
  const put: Put = { responseFormat: { kind: "json-schema", name: "city", schema } };

  test("as a tool whose arguments are the answer", () => {
    const { body: text, form } = encoded({ jsonSchema: "tool" }, put);
    expect(JSON.parse(text)).toMatchObject({
      tools: [{ type: "function", function: { name: "give_answer", parameters: schema } }],
      tool_choice: { type: "function", function: { name: "give_answer" } },
    });
    expect(JSON.parse(text).response_format).toBeUndefined();
    const message = {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "1", type: "function", function: { name: "give_answer", arguments: '{"a":"b"}' } }],
    };
    const { choices } = decodeResponse({ choices: [{ message, finish_reason: "tool_calls" }] }, form);
    expect(choices[0]).toMatchObject({
      blocks: [{ kind: "text", text: '{"a":"b"}' }],
      finishReason: "stop",
    });
  });

  test("beside tools of the client's own one of them must be called", () => {
    expect(body({ jsonSchema: "tool" }, { ...put, tools: [TOOL] })).toMatchObject({
      tools: [{ function: { name: "f" } }, { function: { name: "give_answer" } }],
      tool_choice: "required",
    });
  });

  test("as a tool, beside the client's own choice of tools", () => {
    const forced = { type: "function", function: { name: "give_answer" } };
    const chosen = (toolChoice: ToolChoice) =>
      body({ jsonSchema: "tool" }, { ...put, tools: [TOOL], toolChoice });
    expect(chosen({ kind: "none" })).toMatchObject({ tool_choice: forced, tools: [{}, {}] });
    expect(chosen({ kind: "auto" })).toMatchObject({ tool_choice: "required" });
    expect(chosen({ kind: "allowed", mode: "auto", names: ["f"] })).toMatchObject({
      tool_choice: {
        allowed_tools: { mode: "required", tools: [{}, { function: { name: "give_answer" } }] },
      },
    });
    for (const toolChoice of [{ kind: "required" }, { kind: "tool", name: "f" }] as const) {
      expect(chosen(toolChoice)).toMatchObject({ tools: [{ function: { name: "f" } }] });
      expect(chosen(toolChoice)).not.toHaveProperty("response_format");
      expect(losses({ jsonSchema: "tool" }, { ...put, tools: [TOOL], toolChoice })).toEqual([
        "json-schema: left out: a tool must be called",
      ]);
    }
    const taken = { ...TOOL, name: "give_answer" };
    expect(body({ jsonSchema: "tool" }, { ...put, tools: [taken] })).toMatchObject({
      tools: [{ function: { name: "give_answer" } }, { function: { name: "give_answer_" } }],
    });
  });

  test("told to the model, with any JSON object asked for", () => {
    const sent = JSON.parse(encoded({ jsonSchema: "prompt" }, put).body);
    expect(sent.response_format).toEqual({ type: "json_object" });
    expect(sent.messages[0].role).toBe("system");
    expect(sent.messages[0].content).toContain(JSON.stringify(schema));
    expect(losses({ jsonSchema: "prompt" }, put)).toEqual([
      "json-schema: the model was told of it, and any JSON object was asked for",
    ]);
  });
});

test("a last turn of the assistant's is marked as the beginning of its answer", () => {
  const begun: Message = { role: "assistant", content: [{ kind: "text", text: "{" }] };
  expect(messages({ prefillMember: "prefix" }, HELLO, begun)).toEqual([
    { role: "user", content: "Hello!" },
    { role: "assistant", content: "{", prefix: true },
  ]);
  expect(messages({ prefillMember: "partial" }, begun, HELLO)).toEqual([
    { role: "assistant", content: "{" },
    { role: "user", content: "Hello!" },
  ]);
});

test("service tiers that the vendor doesn't know are left out, aloud where they mean something", () => {
  const quirks: Quirks = { serviceTierWords: ["flex"] };
  expect(body(quirks, { serviceTier: "flex" })).toEqual({ service_tier: "flex" });
  expect(body(quirks, { serviceTier: "priority" })).toEqual({});
  expect(losses(quirks, { serviceTier: "priority" })).toEqual(["service-tier: left out"]);
  expect(losses(quirks, { serviceTier: "auto" })).toEqual([]);
});
