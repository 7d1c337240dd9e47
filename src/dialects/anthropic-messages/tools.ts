import type { Conversation } from "../../model/conversation.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { FunctionTool, Tool, ToolChoice } from "../../model/tool.ts";
import { textMember, withoutMembers } from "../json/members.ts";
import type { Losses } from "../translation/losses.ts";
import { decodeCacheMarker, encodeCacheMarker } from "./blocks/cache-marker.ts";
import { closeSchema } from "./closed-schema.ts";

/** More strict tools in one request are refused (.../docs/en/build-with-claude/structured-outputs). */
const MAX_STRICT_TOOLS = 20;

const TOOL_MEMBERS: ReadonlySet<string> = new Set([
  "type",
  "name",
  "description",
  "input_schema",
  "strict",
  "cache_control",
]);

/** One of `tools`; Anthropic's own tools are kept as they are. Undefined for what is no tool. */
export function decodeTool(tool: unknown): Tool | undefined {
  if (!isJsonObject(tool)) return undefined;
  const type = tool["type"] ?? "custom";
  return type === "custom"
    ? decodeFunction(tool)
    : { kind: "vendor", dialect: "anthropic-messages", value: tool };
}

/** `tools`; what a strict one can't say makes it a plain one. */
export function encodeTools(tools: readonly Tool[], losses: Losses): readonly JsonObject[] {
  let strict = 0;
  return tools.map((tool) => {
    if (tool.kind === "vendor") return tool.value;
    // fit-tools has made functions of all others.
    const described = tool.kind === "function" ? tool : { kind: "function" as const, name: tool.name };
    if (described.strict !== true) return encodeFunction(described);
    const closed = closeSchema(described.parameters ?? {}, losses, "strict-tools");
    if (closed !== undefined && ++strict <= MAX_STRICT_TOOLS)
      return encodeFunction({ ...described, parameters: closed });
    losses.add(
      "strict-tools",
      "left out: the schema says more than strict tools can",
      `tools (${tool.name})`,
    );
    return encodeFunction({ ...described, strict: false });
  });
}

/** `tool_choice` and what stands in it of parallel calls. */
export function decodeToolChoice(choice: unknown): Pick<Conversation, "toolChoice" | "parallelToolCalls"> {
  if (!isJsonObject(choice)) return {};
  const toolChoice = choiceOf(choice);
  const single = choice["disable_parallel_tool_use"];
  return {
    ...(toolChoice && { toolChoice }),
    ...(typeof single === "boolean" && { parallelToolCalls: !single }),
  };
}

/** `tool_choice`; empty where nothing need be said. */
export function encodeToolChoice(
  choice: ToolChoice | undefined,
  parallelToolCalls: boolean | undefined,
): JsonObject {
  const single = parallelToolCalls === undefined ? {} : { disable_parallel_tool_use: !parallelToolCalls };
  switch (choice?.kind) {
    case "none":
      return { tool_choice: { type: "none" } };
    case "required":
      return { tool_choice: { type: "any", ...single } };
    case "tool":
      return { tool_choice: { type: "tool", name: choice.name, ...single } };
    case "auto":
      return { tool_choice: { type: "auto", ...single } };
    case "allowed":
    case undefined:
      return parallelToolCalls === undefined ? {} : { tool_choice: { type: "auto", ...single } };
  }
}

function choiceOf(choice: JsonObject): ToolChoice | undefined {
  switch (choice["type"]) {
    case "auto":
      return { kind: "auto" };
    case "any":
      return { kind: "required" };
    case "none":
      return { kind: "none" };
    case "tool": {
      const name = textMember(choice, "name");
      return name === undefined ? undefined : { kind: "tool", name };
    }
    default:
      return undefined;
  }
}

function decodeFunction(tool: JsonObject): FunctionTool | undefined {
  const name = textMember(tool, "name");
  if (name === undefined) return undefined;
  const { description, input_schema: parameters, strict } = tool;
  const members = withoutMembers(tool, TOOL_MEMBERS);
  return {
    kind: "function",
    name,
    ...(typeof description === "string" && { description }),
    ...(isJsonObject(parameters) && { parameters }),
    ...(typeof strict === "boolean" && { strict }),
    ...decodeCacheMarker(tool),
    ...(Object.keys(members).length > 0 && { extension: { dialect: "anthropic-messages", members } }),
  };
}

function encodeFunction(tool: FunctionTool): JsonObject {
  const { name, description, parameters, strict, extension } = tool;
  return {
    name,
    ...(description !== undefined && { description }),
    input_schema: withType(parameters),
    ...(strict !== undefined && { strict }),
    ...encodeCacheMarker(tool),
    ...extension?.members,
  };
}

/** The input is always an object here, and a schema must say so. */
function withType(parameters: JsonObject | undefined): JsonObject {
  if (parameters === undefined) return { type: "object", properties: {} };
  return parameters["type"] === "object" ? parameters : { ...parameters, type: "object" };
}
