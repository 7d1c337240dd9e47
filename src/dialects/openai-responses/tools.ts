import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { FreeFormTool, FunctionTool, Tool, ToolChoice } from "../../model/tool.ts";
import { invalidField } from "../json/invalid-field.ts";
import { textMember } from "../json/members.ts";
import { flatName, isNamespace, toolsIn } from "./namespaces.ts";

/** `tools`; those inside a namespace under both names. Throws `invalid_request` naming the one that is none. */
export function decodeTools(tools: unknown): readonly Tool[] {
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools)) throw invalidField("tools", "a list of tools");
  return tools.flatMap((tool: unknown, index): readonly Tool[] => {
    const path = `tools[${index}]`;
    if (!isJsonObject(tool)) throw invalidField(path, "an object");
    if (!isNamespace(tool)) return [decodeTool(tool, undefined, path)];
    const namespace = textMember(tool, "name");
    return toolsIn(tool).map((inner, at) => decodeTool(inner, namespace, `${path}.tools[${at}]`));
  });
}

export function encodeTool(tool: Tool): JsonObject {
  switch (tool.kind) {
    case "function": {
      const { name, description, parameters, strict } = tool;
      const described = description !== undefined && { description };
      // Here a function is strict unless it says otherwise, and would lose its optional parameters.
      return {
        type: "function",
        name,
        ...described,
        parameters: parameters ?? NO_PARAMETERS,
        strict: strict ?? false,
      };
    }
    case "free-form": {
      const { name, description, format } = tool;
      return {
        type: "custom",
        name,
        ...(description !== undefined && { description }),
        ...(format && { format }),
      };
    }
    case "vendor":
      return tool.value;
  }
}

/** `tool_choice`; undefined for what has no canonical form (a vendor's own tool). */
export function decodeToolChoice(choice: unknown): ToolChoice | undefined {
  if (choice === "auto" || choice === "none" || choice === "required") return { kind: choice };
  if (!isJsonObject(choice)) return undefined;
  if (choice["type"] === "allowed_tools") return decodeAllowed(choice);
  const name = nameIn(choice);
  return name === undefined ? undefined : { kind: "tool", name };
}

export function encodeToolChoice(choice: ToolChoice, tools: readonly Tool[]): unknown {
  switch (choice.kind) {
    case "tool":
      return reference(choice.name, tools);
    case "allowed": {
      const allowed = choice.names.map((name) => reference(name, tools));
      return { type: "allowed_tools", mode: choice.mode, tools: allowed };
    }
    default:
      return choice.kind;
  }
}

/** The member is demanded, and what takes nothing says so. */
const NO_PARAMETERS: JsonObject = Object.freeze({ type: "object", properties: {} });

function decodeTool(tool: JsonObject, namespace: string | undefined, path: string): Tool {
  const { type } = tool;
  if (type !== "function" && type !== "custom")
    return { kind: "vendor", dialect: "openai-responses", value: tool };
  const own = textMember(tool, "name");
  if (own === undefined) throw invalidField(`${path}.name`, "the tool's name");
  const name = flatName(namespace, own);
  return type === "function" ? decodeFunction(tool, name) : decodeCustom(tool, name);
}

function decodeFunction({ description, parameters, strict }: JsonObject, name: string): FunctionTool {
  return {
    kind: "function",
    name,
    ...(typeof description === "string" && { description }),
    ...(isJsonObject(parameters) && { parameters }),
    ...(strict === true && { strict }),
  };
}

function decodeCustom({ description, format }: JsonObject, name: string): FreeFormTool {
  return {
    kind: "free-form",
    name,
    ...(typeof description === "string" && { description }),
    ...(isJsonObject(format) && { format }),
  };
}

function decodeAllowed({ mode, tools }: JsonObject): ToolChoice | undefined {
  if (!Array.isArray(tools)) return undefined;
  const names = tools.flatMap((tool) => (isJsonObject(tool) ? (nameIn(tool) ?? []) : []));
  return { kind: "allowed", mode: mode === "required" ? "required" : "auto", names };
}

/** `{"type": "function", "name"}`, or the same for a custom tool. */
function nameIn(reference: JsonObject): string | undefined {
  if (reference["type"] !== "function" && reference["type"] !== "custom") return undefined;
  const name = textMember(reference, "name");
  return name === undefined ? undefined : flatName(textMember(reference, "namespace"), name);
}

function reference(name: string, tools: readonly Tool[]): JsonObject {
  const isFreeForm = tools.some((tool) => tool.kind === "free-form" && tool.name === name);
  return { type: isFreeForm ? "custom" : "function", name };
}
