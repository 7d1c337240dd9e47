import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../src/model/json.ts";
import { USER } from "./anthropic.ts";
import { fromChat, lossesOf } from "./anthropic-requests.ts";

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
