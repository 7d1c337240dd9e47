import type { Conversation } from "../../model/conversation.ts";
import type { Quirks } from "../../model/quirks.ts";
import type { FunctionTool, ToolChoice } from "../../model/tool.ts";
import type { SchemaForm } from "../translation/json-schema-forms.ts";

/** The name of the tool by which an answer in JSON is asked for. */
const JSON_TOOL = "answer_in_json";

/**
 * Models before Gemini 3 refuse a JSON format beside functions ("Function calling with a response mime type:
 * 'application/json' is unsupported"). There the format becomes a tool, and the model must call one of them all: a
 * function of the client's, or this one with its answer. A choice that has already decided between the two needs none.
 */
export function askForJson(conversation: Conversation, quirks: Quirks): SchemaForm {
  const { responseFormat, tools, toolChoice, ...rest } = conversation;
  if (responseFormat === undefined || responseFormat.kind === "text") return { conversation };
  if (tools.length === 0 || quirks.jsonBesideTools !== "refused") return { conversation };
  if (toolChoice?.kind === "none") return { conversation: { ...rest, responseFormat, tools: [] } };
  if (mustCall(toolChoice)) return { conversation: { ...rest, tools, ...(toolChoice && { toolChoice }) } };
  return {
    conversation: { ...rest, tools: [...tools, toolFor(responseFormat)], toolChoice: choiceOf(toolChoice) },
    jsonTool: JSON_TOOL,
  };
}

function mustCall(choice: ToolChoice | undefined): boolean {
  return (
    choice?.kind === "required" ||
    choice?.kind === "tool" ||
    (choice?.kind === "allowed" && choice.mode === "required")
  );
}

/** One of them all must be called; where only some of the functions are allowed, one of those. */
function choiceOf(choice: ToolChoice | undefined): ToolChoice {
  if (choice?.kind !== "allowed") return { kind: "required" };
  return { kind: "allowed", mode: "required", names: [...choice.names, JSON_TOOL] };
}

function toolFor(format: NonNullable<Conversation["responseFormat"]>): FunctionTool {
  const schema = format.kind === "json-schema" ? format.schema : { type: "object" };
  return {
    kind: "function",
    name: JSON_TOOL,
    description: "Call this with your answer, once no other function is needed.",
    parameters: schema,
  };
}
