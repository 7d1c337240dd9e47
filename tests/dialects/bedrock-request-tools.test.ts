import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../src/model/json.ts";
import {
  bodyOf,
  encoded,
  LLAMA,
  lost,
  NOVA,
  OPUS_46,
  SONNET_45,
  SONNET_55,
  tool,
} from "./bedrock-requests.ts";

const schema = {
  type: "object",
  properties: { a: { type: "string" } },
  required: ["a"],
  additionalProperties: false,
};

const format = { type: "json_schema", json_schema: { name: "s", schema } };

describe("tools", () => {
  const tools = [tool("f"), tool("g")];

  test("choices", () => {
    const configured = (tool_choice: unknown, model = SONNET_45, more: JsonObject = {}) => {
      const { toolConfig, additionalModelRequestFields: fields } = bodyOf(model, {
        tools,
        tool_choice,
        ...more,
      });
      return { choice: (toolConfig as JsonObject | undefined)?.["toolChoice"], fields };
    };
    expect(configured("auto")).toEqual({ choice: { auto: {} }, fields: undefined });
    expect(configured("required")).toEqual({ choice: { any: {} }, fields: undefined });
    expect(configured({ type: "function", function: { name: "g" } })).toEqual({
      choice: { tool: { name: "g" } },
      fields: undefined,
    });
    expect(configured("auto", SONNET_45, { parallel_tool_calls: false })).toEqual({
      choice: undefined,
      fields: { tool_choice: { type: "auto", disable_parallel_tool_use: true } },
    });
    expect(lost(NOVA, { tools, parallel_tool_calls: false })).toEqual(["parallel-tool-calls"]);
    expect(lost(LLAMA, { tools, tool_choice: "required" })).toEqual(["tool-choice"]);
  });

  test("none at all: not told of, or, where earlier turns hold calls, forbidden", () => {
    expect(bodyOf(SONNET_45, { tools, tool_choice: "none" })).not.toHaveProperty("toolConfig");
    const messages = [
      { role: "user", content: "x" },
      {
        role: "assistant",
        tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "a", content: "1" },
    ];
    const told = bodyOf(SONNET_45, { messages, tools, tool_choice: "none" });
    expect(told["toolConfig"]).not.toHaveProperty("toolChoice");
    expect(told["additionalModelRequestFields"]).toEqual({ tool_choice: { type: "none" } });
    expect(lost(NOVA, { messages, tools, tool_choice: "none" })).toEqual(["tool-choice"]);
    const former = bodyOf(SONNET_45, { messages });
    expect(former).toMatchObject({
      toolConfig: { tools: [{ toolSpec: { name: "f", inputSchema: { json: { type: "object" } } } }] },
      additionalModelRequestFields: { tool_choice: { type: "none" } },
    });
  });

  test("free-form tools become functions, and so do their earlier calls", () => {
    const messages = [
      { role: "user", content: "x" },
      {
        role: "assistant",
        tool_calls: [{ id: "a", type: "custom", custom: { name: "run", input: "ls -l" } }],
      },
      { role: "tool", tool_call_id: "a", content: "1" },
    ];
    const { body, form } = encoded(SONNET_45, {
      messages,
      tools: [{ type: "custom", custom: { name: "run" } }],
    });
    expect(JSON.parse(body).messages[1].content).toEqual([
      { toolUse: { toolUseId: "a", name: "run", input: { input: "ls -l" } } },
    ]);
    expect(form).toEqual({ freeFormTools: ["run"] });
  });

  test("strict ones where the family has it", () => {
    const strict = { type: "function", function: { name: "f", strict: true } };
    expect(JSON.stringify(bodyOf(OPUS_46, { tools: [strict] }))).toContain('"strict":true');
    expect(lost(SONNET_55, { tools: [strict] })).toEqual(["strict-tools"]);
  });
});

describe("the form of an answer", () => {
  test("natively where the family takes it and the schema is closed", () => {
    expect(bodyOf(OPUS_46, { response_format: format })["outputConfig"]).toEqual({
      textFormat: {
        type: "json_schema",
        structure: { jsonSchema: { name: "s", schema: JSON.stringify(schema) } },
      },
    });
  });

  test("else by a tool that must be called", () => {
    const open = {
      type: "json_schema",
      json_schema: { name: "s", schema: { type: "object", properties: {} } },
    };
    for (const [model, asked] of [
      [NOVA, format],
      [OPUS_46, open],
      [SONNET_45, { type: "json_object" }],
    ] as const) {
      const { body, form, losses } = encoded(model, { response_format: asked });
      expect(form).toEqual({ jsonTool: "give_answer" });
      expect(losses).toEqual([]);
      expect(JSON.parse(body).toolConfig).toMatchObject({
        tools: [{ toolSpec: { name: "give_answer" } }],
        toolChoice: { tool: { name: "give_answer" } },
      });
    }
  });

  test("beside the client's own tools, any of them; where it demands one of its own, none is needed", () => {
    const tools = [tool("give_answer")];
    const { body, form } = encoded(NOVA, { response_format: format, tools });
    expect(form).toEqual({ jsonTool: "give_answer_" });
    expect(JSON.parse(body).toolConfig).toMatchObject({ toolChoice: { any: {} } });
    const demanded = { response_format: format, tools, tool_choice: "required" };
    expect(encoded(NOVA, demanded).form).toEqual({});
    expect(lost(NOVA, demanded)).toEqual(["json-schema"]);
  });

  test("where no tool can be forced, in words, and that is told", () => {
    const { body, form, losses } = encoded(SONNET_55, { response_format: format });
    expect(form).toEqual({ jsonTool: "give_answer" });
    expect(losses.map(({ feature }) => feature)).toEqual(["json-schema"]);
    expect(JSON.parse(body)).toMatchObject({
      system: [{ text: expect.stringContaining("`give_answer`") }],
      toolConfig: { toolChoice: { auto: {} } },
    });
  });
});
