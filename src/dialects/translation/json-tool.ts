import type { Conversation, ResponseFormat } from "../../model/conversation.ts";
import type { FunctionTool, Tool, ToolChoice } from "../../model/tool.ts";

/** A tool that stands for a response format: the answer is given as its arguments. */
export interface JsonTool {
  readonly tool: FunctionTool;
  /** Which tool must be called for the answer to have the format. */
  readonly choice: ToolChoice;
}

const NAME = "give_answer";

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
  const tool = answerTool(responseFormat, tools);
  const isAlone = tools.length === 0 || toolChoice?.kind === "none";
  return { tool, choice: isAlone ? { kind: "tool", name: tool.name } : { kind: "required" } };
}

/** A tool whose arguments have the form that is asked for, by a name that none of the client's tools has. */
export function answerTool(
  format: Exclude<ResponseFormat, { kind: "text" }>,
  tools: readonly Tool[],
): FunctionTool {
  const taken = new Set(tools.flatMap((tool) => (tool.kind === "vendor" ? [] : [tool.name])));
  let name = NAME;
  while (taken.has(name)) name += "_";
  const about = format.kind === "json-schema" ? format.description : undefined;
  return {
    kind: "function",
    name,
    description: `Gives the answer in the form that is asked for.${about === undefined ? "" : ` ${about}`}`,
    parameters: format.kind === "json-schema" ? format.schema : { type: "object" },
  };
}
