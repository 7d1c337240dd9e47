import type { Message } from "../../model/conversation.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Tool, ToolChoice } from "../../model/tool.ts";
import { type ContentContext, cachePoint } from "./content.ts";

/** What may be called, and what must be. */
export interface Tooling {
  readonly tools: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  readonly parallelToolCalls?: boolean;
}

/** How a request's tools are told. */
export interface EncodedTools {
  readonly toolConfig?: JsonObject;
  /** Of `additionalModelRequestFields`. */
  readonly fields: JsonObject;
}

/**
 * `toolConfig` (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolConfiguration.html). It must be
 * there where a turn holds calls, so tools that the client no longer offers are then told by their names. Claude's own
 * `tool_choice` says what Converse's can't: none at all, or one at a time.
 */
export function encodeTools(
  tooling: Tooling,
  messages: readonly Message[],
  context: ContentContext,
): EncodedTools {
  const { tools, toolChoice, parallelToolCalls } = tooling;
  const isNone = toolChoice?.kind === "none";
  const former = formerTools(messages, tools);
  const told = isNone && former.length === 0 && !hasCalls(messages) ? [] : [...tools, ...former];
  if (told.length === 0) return { fields: {} };
  const list = told.flatMap((tool) => encodeTool(tool, context));
  const isForbidden = isNone || tools.length === 0;
  const knowsClaudes = context.quirks.converse?.toolChoice === true;
  if (knowsClaudes && (isForbidden || parallelToolCalls === false)) {
    const choice = isForbidden ? { type: "none" } : claudesChoice(toolChoice);
    return { toolConfig: { tools: list }, fields: { tool_choice: choice } };
  }
  if (isNone)
    context.losses.add("tool-choice", "left out: earlier turns hold calls, so tools must be told of");
  const choice = isForbidden ? undefined : encodeChoice(toolChoice);
  return { toolConfig: { tools: list, ...(choice && { toolChoice: choice }) }, fields: {} };
}

function hasCalls(messages: readonly Message[]): boolean {
  return messages.some(
    (message) => message.role === "tool" || message.content.some((part) => part.kind === "tool-call"),
  );
}

/** Tools that were called before and are no longer offered. */
function formerTools(messages: readonly Message[], tools: readonly Tool[]): readonly Tool[] {
  const known = new Set(tools.flatMap((tool) => (tool.kind === "vendor" ? [] : [tool.name])));
  const called = messages.flatMap((message) =>
    message.content.flatMap((part) => (part.kind === "tool-call" ? [part.name] : [])),
  );
  return [...new Set(called)]
    .filter((name) => name !== "" && !known.has(name))
    .map((name) => ({ kind: "function", name, description: "No longer offered." }));
}

const NO_PARAMETERS: JsonObject = { type: "object", properties: {} };

function encodeTool(tool: Tool, context: ContentContext): readonly JsonObject[] {
  if (tool.kind === "vendor") return [tool.value];
  // The dialect has no free-form tools, so none is left here.
  if (tool.kind === "free-form") return [];
  const { name, description, parameters, strict } = tool;
  const toolSpec = {
    name,
    ...(description !== undefined && description.trim() !== "" && { description }),
    inputSchema: { json: { ...NO_PARAMETERS, ...parameters } },
    ...(strict === true && { strict }),
  };
  return [{ toolSpec }, ...cachePoint(tool, context)];
}

function encodeChoice(choice: ToolChoice | undefined): JsonObject | undefined {
  switch (choice?.kind) {
    case "auto":
      return { auto: {} };
    case "required":
      return { any: {} };
    case "tool":
      return { tool: { name: choice.name } };
    default:
      return undefined;
  }
}

function claudesChoice(choice: ToolChoice | undefined): JsonObject {
  const one = { disable_parallel_tool_use: true };
  if (choice?.kind === "tool") return { type: "tool", name: choice.name, ...one };
  return { type: choice?.kind === "required" ? "any" : "auto", ...one };
}
