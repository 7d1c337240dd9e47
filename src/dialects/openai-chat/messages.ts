import type { ContentPart, Message } from "../../model/conversation.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { invalidField } from "../json/invalid-field.ts";
import { textMember } from "../json/members.ts";
import { encodeReasoning, readReasoning } from "./blocks/reasoning.ts";
import { encodeRefusal, readRefusal } from "./blocks/refusal.ts";
import { decodeToolCallPart, encodeToolCall } from "./blocks/tool-call.ts";
import { decodeContent, encodeContent } from "./content.ts";

/** One of `messages`. Throws `invalid_request` naming the field. */
export function decodeMessage(message: JsonObject, path: string): Message {
  const content = decodeContent(message["content"]);
  if (content === undefined) throw invalidField(`${path}.content`, "a string, a list of parts, or null");
  const name = textMember(message, "name");
  const { role } = message;
  switch (role) {
    case "system":
    case "developer":
    case "user":
      return { role, content, ...(name !== undefined && { name }) };
    case "assistant":
      return { role, content: assistantContent(message, content), ...(name !== undefined && { name }) };
    case "tool": {
      const toolCallId = textMember(message, "tool_call_id");
      if (toolCallId === undefined)
        throw invalidField(`${path}.tool_call_id`, "the id of the tool call it answers");
      return { role, toolCallId, content };
    }
    case "function":
      // The older form names the function instead of the call.
      return { role: "tool", toolCallId: name ?? "", content };
    default:
      throw invalidField(`${path}.role`, "one of system, developer, user, assistant, tool, function");
  }
}

/** One of `messages`, to send. */
export function encodeMessage(message: Message): JsonObject {
  if (message.role === "tool") {
    return { role: "tool", tool_call_id: message.toolCallId, content: encodeContent(message.content) };
  }
  const calls = message.content.flatMap(encodeCall);
  const beside = (part: ContentPart): boolean => isCustomCall(part) || isBesideContent(part);
  const content = encodeContent(message.content.filter((part) => !beside(part)));
  return {
    role: message.role,
    content: content === "" && calls.length > 0 ? null : content,
    ...(message.name !== undefined && { name: message.name }),
    ...encodeReasoning(message.content),
    ...encodeRefusal(message.content),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

function assistantContent(message: JsonObject, content: readonly ContentPart[]): readonly ContentPart[] {
  const reasoning = readReasoning(message);
  const refusal = readRefusal(message);
  return [
    ...(reasoning === "" ? [] : [{ kind: "reasoning", text: reasoning } as const]),
    ...content,
    ...(refusal === "" ? [] : [{ kind: "refusal", text: refusal } as const]),
    ...toolCalls(message),
  ];
}

function toolCalls(message: JsonObject): readonly ContentPart[] {
  const calls = message["tool_calls"];
  if (Array.isArray(calls)) return calls.filter(isJsonObject).map(decodeToolCallPart);
  const legacy = message["function_call"];
  return isJsonObject(legacy) ? [decodeToolCallPart({ id: legacy["name"], function: legacy })] : [];
}

function encodeCall(part: ContentPart): readonly unknown[] {
  if (part.kind === "tool-call") return [encodeToolCall(part.id, part.name, part.arguments)];
  return part.kind === "other" && isCustomCall(part) ? [part.value] : [];
}

const isBesideContent = (part: ContentPart): boolean =>
  part.kind === "reasoning" || part.kind === "refusal" || part.kind === "tool-call";

/** A custom tool's call travels among the tool calls, not in the content. */
const isCustomCall = (part: ContentPart): boolean =>
  part.kind === "other" &&
  part.dialect === "openai-chat" &&
  isJsonObject(part.value) &&
  part.value["type"] === "custom";
