import type { Conversation, Message, ResponseFormat } from "../../model/conversation.ts";
import type { Quirks } from "../../model/quirks.ts";
import type { FunctionTool, ToolChoice } from "../../model/tool.ts";
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
      return asTool(conversation, responseFormat);
    case "prompt":
      losses.add("json-schema", "the model was told of it, and any JSON object was asked for");
      return { conversation: asPrompt(conversation, responseFormat) };
    default:
      return { conversation };
  }
}

/**
 * The schema as the parameters of a tool that must be called: its arguments are the answer (adapt-answer.ts gives them
 * as text again). Beside tools of the client's own the model must call one, this or theirs.
 */
function asTool({ responseFormat: _format, ...rest }: Conversation, format: SchemaFormat): SchemaForm {
  const { name, description, schema } = format;
  const tool: FunctionTool = {
    kind: "function",
    name,
    description: description ?? "Answers in the form that was asked for.",
    parameters: schema,
  };
  const toolChoice: ToolChoice = rest.tools.length === 0 ? { kind: "tool", name } : { kind: "required" };
  return { conversation: { ...rest, tools: [...rest.tools, tool], toolChoice }, jsonTool: name };
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
