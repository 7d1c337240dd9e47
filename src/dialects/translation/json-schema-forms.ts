import type { Conversation, Message, ResponseFormat } from "../../model/conversation.ts";
import type { Quirks } from "../../model/quirks.ts";
import type { ToolChoice } from "../../model/tool.ts";
import { jsonToolFor } from "./json-tool.ts";
import type { Losses } from "./losses.ts";

/** A conversation whose schema is asked for as the provider has it, and the tool that was made of it, if one was. */
export interface SchemaForm {
  readonly conversation: Conversation;
  readonly jsonTool?: string;
}

type SchemaFormat = Extract<ResponseFormat, { kind: "json-schema" }>;

/** Puts a JSON schema into another form for a provider that has no member for it. */
export function fitSchemaForm(
  conversation: Conversation,
  { jsonSchema }: Quirks,
  losses: Losses,
): SchemaForm {
  const { responseFormat } = conversation;
  if (responseFormat?.kind !== "json-schema") return { conversation };
  switch (jsonSchema) {
    case "tool":
      return asTool(conversation, losses);
    case "prompt":
      losses.add("json-schema", "the model was told of it, and any JSON object was asked for");
      return { conversation: asPrompt(conversation, responseFormat) };
    default:
      return { conversation };
  }
}

/**
 * The schema as the parameters of a tool that must be called: its arguments are the answer (adapt-answer.ts gives them
 * as text again). Beside tools of the client's own the model must call one, this or theirs; where they may not be called,
 * this one. A call that the client demands is no text of any form.
 */
function asTool(conversation: Conversation, losses: Losses): SchemaForm {
  const { responseFormat: _format, ...rest } = conversation;
  const jsonTool = jsonToolFor(conversation);
  if (jsonTool === undefined) {
    losses.add("json-schema", "left out: a tool must be called");
    return { conversation: rest };
  }
  const { tool, choice } = jsonTool;
  const toolChoice = choiceBeside(rest.toolChoice, choice, tool.name);
  return { conversation: { ...rest, tools: [...rest.tools, tool], toolChoice }, jsonTool: tool.name };
}

/** Where only some of the client's tools are allowed, the model must call one of those or this. */
function choiceBeside(asked: ToolChoice | undefined, choice: ToolChoice, name: string): ToolChoice {
  if (asked?.kind !== "allowed") return choice;
  return { kind: "allowed", mode: "required", names: [...asked.names, name] };
}

function asPrompt(conversation: Conversation, { schema }: SchemaFormat): Conversation {
  const instruction: Message = {
    role: "system",
    content: [
      {
        kind: "text",
        text: `Answer with one JSON object and nothing else. It must fit this JSON Schema:\n${JSON.stringify(schema)}`,
      },
    ],
  };
  return {
    ...conversation,
    messages: [instruction, ...conversation.messages],
    responseFormat: { kind: "json-object" },
  };
}
