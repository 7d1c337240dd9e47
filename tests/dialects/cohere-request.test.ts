import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { encodeRequest } from "../../src/dialects/cohere/encode-request.ts";
import type { Conversation } from "../../src/model/conversation.ts";
import type { EncodedRequest } from "../../src/model/dialect.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { Quirks } from "../../src/model/quirks.ts";
import { anyConversation } from "./any-conversation.ts";
import { chatRequest } from "./chat.ts";

function encoded(rest: JsonObject, change: Partial<Conversation> = {}, quirks: Quirks = {}): EncodedRequest {
  const request = chatRequest({ model: "m", messages: [{ role: "user", content: "hi" }], ...rest });
  const conversation = { ...request.content(), ...change };
  return encodeRequest({ ...request, content: () => conversation }, { model: "command", quirks });
}

const bodyOf = (...parameters: Parameters<typeof encoded>): JsonObject =>
  JSON.parse(encoded(...parameters).body);

const lost = (...parameters: Parameters<typeof encoded>): readonly string[] =>
  encoded(...parameters).losses.map(({ feature, field }) => field ?? feature);

const tool = (name: string): JsonObject => ({
  type: "function",
  function: { name, parameters: { type: "object" } },
});

describe("requests", () => {
  test("messages in Cohere's words", () => {
    const messages = [
      { role: "developer", content: "be brief" },
      {
        role: "user",
        content: [
          { type: "text", text: "look" },
          { type: "image_url", image_url: { url: "https://x.test/a.png", detail: "low" } },
          { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
        ],
      },
      {
        role: "assistant",
        content: "I shall look.",
        reasoning_content: "Hm.",
        tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "" } }],
      },
      { role: "tool", tool_call_id: "a", content: "1" },
      { role: "assistant", content: "One.", reasoning_content: "So." },
    ];
    expect(bodyOf({ messages, tools: [tool("f")], stream: true })).toEqual({
      model: "command",
      messages: [
        { role: "system", content: "be brief" },
        {
          role: "user",
          content: [
            { type: "text", text: "look" },
            { type: "image_url", image_url: { url: "https://x.test/a.png", detail: "low" } },
            { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
          ],
        },
        {
          role: "assistant",
          tool_plan: "Hm.\nI shall look.",
          tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "{}" } }],
        },
        { role: "tool", tool_call_id: "a", content: "1" },
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "So." },
            { type: "text", text: "One." },
          ],
        },
      ],
      tools: [{ type: "function", function: { name: "f", parameters: { type: "object", properties: {} } } }],
      stream: true,
    });
    expect(lost({ messages, tools: [tool("f")] })).toEqual([]);
  });

  test("documents to cite stand beside the messages, others in them", () => {
    const text = { from: "text", text: "It opened at dawn." } as const;
    const messages: Conversation["messages"] = [
      {
        role: "user",
        content: [
          { kind: "document", source: text, name: "Book", citable: true },
          { kind: "document", source: { from: "base64", mediaType: "text/csv", data: "YSxi" }, name: "List" },
          { kind: "document", source: { from: "base64", mediaType: "application/pdf", data: "AAAA" } },
          { kind: "text", text: "When?" },
        ],
      },
    ];
    expect(bodyOf({}, { messages })).toMatchObject({
      documents: [{ id: "document_0", data: { text: "It opened at dawn.", title: "Book" } }],
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "List\n\na,b" },
            { type: "text", text: expect.stringContaining("can't be sent") },
            { type: "text", text: "When?" },
          ],
        },
      ],
    });
    expect(lost({}, { messages })).toEqual(["document-base64"]);
    // No documents are taken beside a response format.
    const formatted = encoded({ response_format: { type: "json_object" } }, { messages });
    expect(JSON.parse(formatted.body)).not.toHaveProperty("documents");
    expect(formatted.losses.map(({ feature }) => feature)).toEqual(["document-citations", "document-base64"]);
  });

  test("tool choices; a certain tool is forced by telling of no other", () => {
    const tools = [tool("f"), tool("g")];
    const chosen = (tool_choice: unknown) => {
      const body = bodyOf({ tools, tool_choice });
      return [body["tool_choice"], (body["tools"] as JsonObject[]).length];
    };
    expect(chosen("auto")).toEqual([undefined, 2]);
    expect(chosen("required")).toEqual(["REQUIRED", 2]);
    expect(chosen("none")).toEqual(["NONE", 2]);
    expect(chosen({ type: "function", function: { name: "g" } })).toEqual(["REQUIRED", 1]);
    expect(lost({ tools, parallel_tool_calls: false })).toEqual(["parallel-tool-calls"]);
    const strict = { type: "function", function: { name: "f", strict: true } };
    expect(bodyOf({ tools: [strict] })["strict_tools"]).toBe(true);
    expect(bodyOf({ tools: [strict, tool("g")] })).not.toHaveProperty("strict_tools");
  });

  test("the form of an answer: natively, or beside tools by one more", () => {
    const schema = { type: "object", properties: { a: { type: "string" } } };
    const response_format = { type: "json_schema", json_schema: { name: "s", schema } };
    expect(bodyOf({ response_format })["response_format"]).toEqual({
      type: "json_object",
      json_schema: schema,
    });
    const { body, form } = encoded({ response_format, tools: [tool("f")] });
    expect(form).toEqual({ jsonTool: "give_answer" });
    expect(JSON.parse(body)).toMatchObject({
      tool_choice: "REQUIRED",
      tools: [{ function: { name: "f" } }, { function: { name: "give_answer", parameters: schema } }],
    });
    expect(JSON.parse(body)).not.toHaveProperty("response_format");
    const demanded = encoded({ response_format, tools: [tool("f")], tool_choice: "required" });
    expect(demanded.form).toEqual({});
    expect(demanded.losses.map(({ feature }) => feature)).toEqual(["json-schema"]);
    const unused = bodyOf({ response_format, tools: [tool("f")], tool_choice: "none" });
    expect(unused).not.toHaveProperty("tools");
    expect(unused).toHaveProperty("response_format");
  });

  test("sampling within Cohere's bounds", () => {
    const rest = {
      temperature: 0.4,
      top_p: 1,
      top_k: 900,
      frequency_penalty: -1,
      presence_penalty: 2,
      seed: 4,
    };
    expect(bodyOf({ ...rest, max_tokens: 5, stop: ["a", "b", "c", "d", "e", "f"] })).toMatchObject({
      temperature: 0.4,
      p: 0.99,
      k: 500,
      frequency_penalty: 0,
      presence_penalty: 1,
      seed: 4,
      max_tokens: 5,
      stop_sequences: ["a", "b", "c", "d", "e"],
    });
    expect(lost(rest)).toEqual(["top-k", "frequency-penalty", "presence-penalty"]);
  });

  test("thinking", () => {
    const thinking = (effort: string) => bodyOf({ reasoning_effort: effort })["thinking"];
    expect(thinking("none")).toEqual({ type: "disabled" });
    expect(thinking("medium")).toEqual({ type: "enabled", token_budget: 8192 });
    expect(bodyOf({}, { reasoning: { mode: "on" } })["thinking"]).toEqual({ type: "enabled" });
    expect(lost({ reasoning_effort: "low" }, {}, { lacks: ["reasoning-effort"] })).toEqual([
      "reasoning-effort",
    ]);
  });

  test("what only Cohere knows reaches it", () => {
    const rest = { safety_mode: "STRICT", citation_options: { mode: "FAST" }, priority: 3, strange: 1 };
    expect(bodyOf(rest)).toMatchObject({
      safety_mode: "STRICT",
      citation_options: { mode: "FAST" },
      priority: 3,
    });
    expect(lost({ ...rest, user: "u", logprobs: true, top_logprobs: 2 })).toEqual([
      "strange",
      "end-user",
      "log-probabilities",
    ]);
  });

  test("any conversation: no message without content, each result beside its call", () => {
    const sayable = { lacks: [], signatures: [], maxTemperature: 1, efforts: ["low", "high"] } as const;
    fc.assert(
      fc.property(anyConversation(sayable), (value) => {
        const messages = bodyOf({}, value)["messages"] as JsonObject[];
        for (const message of messages) {
          expect(message["content"] ?? message["tool_calls"]).toBeDefined();
          expect(message["content"]).not.toEqual([]);
        }
        const calls = messages.flatMap(
          (message) => (message["tool_calls"] as JsonObject[] | undefined) ?? [],
        );
        const results = messages.flatMap((message) => message["tool_call_id"] ?? []);
        expect(results.map(String)).toEqual(calls.map(({ id }) => String(id)));
      }),
      { numRuns: 300 },
    );
  });
});
