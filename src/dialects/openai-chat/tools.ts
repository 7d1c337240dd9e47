import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { FreeFormTool, FunctionTool, Tool, ToolChoice } from "../../model/tool.ts";
import { textMember } from "../json/members.ts";
import { decodeCacheMarker, encodeCacheMarker } from "./blocks/cache-marker.ts";

/** One of `tools`; a vendor's own is kept as it is. Undefined for what is no tool. */
export function decodeTool(tool: unknown): Tool | undefined {
  if (!isJsonObject(tool)) return undefined;
  switch (tool["type"] ?? "function") {
    case "function":
      return decodeFunction(tool);
    case "custom":
      return decodeCustom(tool);
    default:
      return { kind: "vendor", dialect: "openai-chat", value: tool };
  }
}

export function encodeTool(tool: Tool): JsonObject {
  switch (tool.kind) {
    case "function":
      return encodeFunction(tool);
    case "free-form": {
      const { name, description, format } = tool;
      const custom = { name, ...(description !== undefined && { description }), ...(format && { format }) };
      return { type: "custom", custom };
    }
    case "vendor":
      return tool.value;
  }
}

/** `tool_choice`; undefined for what has no canonical form. */
export function decodeToolChoice(choice: unknown): ToolChoice | undefined {
  if (choice === "auto" || choice === "none" || choice === "required") return { kind: choice };
  // Mistral's word for it.
  if (choice === "any") return { kind: "required" };
  if (!isJsonObject(choice)) return undefined;
  if (isJsonObject(choice["allowed_tools"])) return decodeAllowed(choice["allowed_tools"]);
  const name = nameIn(choice);
  return name === undefined ? undefined : { kind: "tool", name };
}

export function encodeToolChoice(choice: ToolChoice, tools: readonly Tool[]): unknown {
  switch (choice.kind) {
    case "tool":
      return reference(choice.name, tools);
    case "allowed": {
      const allowed = choice.names.map((name) => reference(name, tools));
      return { type: "allowed_tools", allowed_tools: { mode: choice.mode, tools: allowed } };
    }
    default:
      return choice.kind;
  }
}

function decodeFunction(tool: JsonObject): FunctionTool | undefined {
  const definition = tool["function"];
  const name = isJsonObject(definition) ? textMember(definition, "name") : undefined;
  if (!isJsonObject(definition) || name === undefined) return undefined;
  const { description, parameters, strict } = definition;
  return {
    kind: "function",
    name,
    ...(typeof description === "string" && { description }),
    ...(isJsonObject(parameters) && { parameters }),
    ...(typeof strict === "boolean" && { strict }),
    ...decodeCacheMarker(tool),
  };
}

function decodeCustom(tool: JsonObject): FreeFormTool | undefined {
  const { custom } = tool;
  const name = isJsonObject(custom) ? textMember(custom, "name") : undefined;
  if (!isJsonObject(custom) || name === undefined) return undefined;
  const { description, format } = custom;
  return {
    kind: "free-form",
    name,
    ...(typeof description === "string" && { description }),
    ...(isJsonObject(format) && { format }),
  };
}

function decodeAllowed(allowed: JsonObject): ToolChoice | undefined {
  const { mode, tools } = allowed;
  if (!Array.isArray(tools)) return undefined;
  const names = tools.flatMap((tool) => (isJsonObject(tool) ? (nameIn(tool) ?? []) : []));
  return { kind: "allowed", mode: mode === "required" ? "required" : "auto", names };
}

function encodeFunction(tool: FunctionTool): JsonObject {
  const { name, description, parameters, strict } = tool;
  return {
    type: "function",
    function: {
      name,
      ...(description !== undefined && { description }),
      ...(parameters !== undefined && { parameters }),
      ...(strict !== undefined && { strict }),
    },
    ...encodeCacheMarker(tool),
  };
}

/** `{"type": "function", "function": {"name"}}`, or the same for a custom tool. */
function nameIn(reference: JsonObject): string | undefined {
  const named = reference["function"] ?? reference["custom"];
  return isJsonObject(named) ? textMember(named, "name") : undefined;
}

function reference(name: string, tools: readonly Tool[]): JsonObject {
  const isFreeForm = tools.some((tool) => tool.kind === "free-form" && tool.name === name);
  return isFreeForm ? { type: "custom", custom: { name } } : { type: "function", function: { name } };
}
