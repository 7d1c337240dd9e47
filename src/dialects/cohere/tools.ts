import type { JsonObject } from "../../model/json.ts";
import type { Tool, ToolChoice } from "../../model/tool.ts";

/** What may be called, and what must be. */
export interface Tooling {
  readonly tools: readonly Tool[];
  readonly toolChoice?: ToolChoice;
}

/**
 * `tools` and `tool_choice` (https://docs.cohere.com/v2/docs/tool-use-overview). A certain tool is forced by telling of
 * no other. Strictness is the whole list's here, so it holds where each tool asks for it.
 */
export function encodeTools({ tools, toolChoice }: Tooling): JsonObject {
  const told =
    toolChoice?.kind === "tool"
      ? tools.filter((tool) => tool.kind === "vendor" || tool.name === toolChoice.name)
      : tools;
  if (told.length === 0) return {};
  const isStrict = told.every((tool) => tool.kind === "function" && tool.strict === true);
  const choice = encodeChoice(toolChoice);
  return {
    tools: told.map(encodeTool),
    ...(isStrict && { strict_tools: true }),
    ...(choice !== undefined && { tool_choice: choice }),
  };
}

const NO_PARAMETERS: JsonObject = { type: "object", properties: {} };

function encodeTool(tool: Tool): JsonObject {
  if (tool.kind === "vendor") return tool.value;
  const { name, description } = tool;
  const parameters = tool.kind === "function" ? tool.parameters : undefined;
  const described = description !== undefined && { description };
  return {
    type: "function",
    function: { name, ...described, parameters: { ...NO_PARAMETERS, ...parameters } },
  };
}

/** Left alone, the model chooses. */
function encodeChoice(choice: ToolChoice | undefined): string | undefined {
  switch (choice?.kind) {
    case "required":
    case "tool":
      return "REQUIRED";
    case "none":
      return "NONE";
    default:
      return undefined;
  }
}
