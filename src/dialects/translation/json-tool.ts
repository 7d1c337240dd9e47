import type { Conversation, ResponseFormat } from "../../model/conversation.ts";
import type { FunctionTool, ToolChoice } from "../../model/tool.ts";

/** A tool that stands for a response format: the answer is given as its arguments. */
export interface JsonTool {
  readonly tool: FunctionTool;
  /** Which tool must be called for the answer to have the format. */
  readonly choice: ToolChoice;
}

const NAME = "json_answer";
const ANY_OBJECT = { type: "object", additionalProperties: true };

/**
 * The tool that a response format becomes where the provider can't be asked for the format itself. Undefined where none
 * is asked for, or where the client demands a call of its own tools, whose answer is no text.
 */
export function jsonToolFor({
  responseFormat,
  tools,
  toolChoice,
}: Pick<Conversation, "responseFormat" | "tools" | "toolChoice">): JsonTool | undefined {
  if (responseFormat === undefined || responseFormat.kind === "text") return undefined;
  if (toolChoice?.kind === "required" || toolChoice?.kind === "tool") return undefined;
  if (toolChoice?.kind === "allowed" && toolChoice.mode === "required") return undefined;
  const taken = new Set(tools.flatMap((tool) => (tool.kind === "vendor" ? [] : [tool.name])));
  let name = NAME;
  for (let count = 2; taken.has(name); count++) name = `${NAME}_${count}`;
  const isAlone = tools.length === 0 || toolChoice?.kind === "none";
  return {
    tool: { kind: "function", name, ...asTool(responseFormat) },
    choice: isAlone ? { kind: "tool", name } : { kind: "required" },
  };
}

function asTool(format: ResponseFormat): Pick<FunctionTool, "description" | "parameters"> {
  if (format.kind !== "json-schema")
    return { description: "Gives the answer, as one JSON object.", parameters: ANY_OBJECT };
  const { description, schema } = format;
  return {
    description: description ?? "Gives the answer in the form that was asked for.",
    parameters: schema,
  };
}
