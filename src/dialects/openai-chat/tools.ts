import type { Tool, ToolChoice } from "../../model/conversation.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { textMember } from "../json/members.ts";

/** One of `tools`; undefined for what is no function (custom tools, a vendor's own), which has no canonical form. */
export function decodeTool(tool: unknown): Tool | undefined {
  if (!isJsonObject(tool) || (tool["type"] ?? "function") !== "function") return undefined;
  const definition = tool["function"];
  if (!isJsonObject(definition)) return undefined;
  const name = textMember(definition, "name");
  if (name === undefined) return undefined;
  const { description, parameters, strict } = definition;
  return {
    name,
    ...(typeof description === "string" && { description }),
    ...(isJsonObject(parameters) && { parameters }),
    ...(typeof strict === "boolean" && { strict }),
  };
}

export function encodeTool(tool: Tool): JsonObject {
  const { name, description, parameters, strict } = tool;
  return {
    type: "function",
    function: {
      name,
      ...(description !== undefined && { description }),
      ...(parameters !== undefined && { parameters }),
      ...(strict !== undefined && { strict }),
    },
  };
}

/** `tool_choice`; undefined for what has no canonical form (`allowed_tools`, a custom tool). */
export function decodeToolChoice(choice: unknown): ToolChoice | undefined {
  if (choice === "auto" || choice === "none" || choice === "required") return { kind: choice };
  // Mistral's word for it.
  if (choice === "any") return { kind: "required" };
  const named = isJsonObject(choice) ? choice["function"] : undefined;
  const name = isJsonObject(named) ? textMember(named, "name") : undefined;
  return name === undefined ? undefined : { kind: "tool", name };
}

export function encodeToolChoice(choice: ToolChoice): unknown {
  return choice.kind === "tool" ? { type: "function", function: { name: choice.name } } : choice.kind;
}
