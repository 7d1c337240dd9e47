import type { Conversation } from "../../model/conversation.ts";
import type { Quirks } from "../../model/quirks.ts";
import type { ToolChoice } from "../../model/tool.ts";
import type { SchemaForm } from "../translation/json-schema-forms.ts";
import { answerTool } from "../translation/json-tool.ts";
import type { Losses } from "../translation/losses.ts";

/**
 * Models before Gemini 3 refuse a JSON format beside functions ("Function calling with a response mime type:
 * 'application/json' is unsupported"). There the format becomes a tool, and the model must call one of them all: a
 * function of the client's, or this one with its answer. A choice that has already decided between the two needs none.
 */
export function askForJson(conversation: Conversation, quirks: Quirks, losses: Losses): SchemaForm {
  const { responseFormat, tools, toolChoice, ...rest } = conversation;
  if (responseFormat === undefined || responseFormat.kind === "text") return { conversation };
  if (tools.length === 0 || quirks.jsonBesideTools !== "refused") return { conversation };
  if (toolChoice?.kind === "none") return { conversation: { ...rest, responseFormat, tools: [] } };
  if (mustCall(toolChoice)) {
    losses.add(responseFormat.kind, "left out: a tool must be called");
    return { conversation: { ...rest, tools, ...(toolChoice && { toolChoice }) } };
  }
  const tool = answerTool(responseFormat, tools);
  return {
    conversation: { ...rest, tools: [...tools, tool], toolChoice: choiceOf(toolChoice, tool.name) },
    jsonTool: tool.name,
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
function choiceOf(choice: ToolChoice | undefined, name: string): ToolChoice {
  if (choice?.kind !== "allowed") return { kind: "required" };
  return { kind: "allowed", mode: "required", names: [...choice.names, name] };
}
