import type { ContentPart } from "../../model/content-part.ts";
import type { Message, SpokenMessage } from "../../model/conversation.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { Quirks } from "../../model/quirks.ts";
import { invalidField } from "../json/invalid-field.ts";
import { textMember } from "../json/members.ts";
import { decodeCacheMarker, encodeCacheMarker } from "./blocks/cache-marker.ts";
import { decodeReasoning, encodeReasoning, encodeThinkingParts } from "./blocks/reasoning.ts";
import { encodeRefusal, readRefusal } from "./blocks/refusal.ts";
import { decodeToolCallPart, encodeToolCall, toolCallId } from "./blocks/tool-call.ts";
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
      const toolName = name !== undefined && { toolName: name };
      return { role, toolCallId, ...toolName, content, ...decodeCacheMarker(message) };
    }
    case "function":
      // The older form names the function instead of the call.
      return { role: "tool", toolCallId: name ?? "", ...(name !== undefined && { toolName: name }), content };
    default:
      throw invalidField(`${path}.role`, "one of system, developer, user, assistant, tool, function");
  }
}

/** `messages`, to send. A last turn of the assistant's is the beginning of its answer. */
export function encodeMessages(messages: readonly Message[], quirks: Quirks): readonly JsonObject[] {
  const encoded = messages.map((message) => encodeMessage(message, quirks));
  const last = encoded.at(-1);
  const { prefillMember } = quirks;
  if (prefillMember === undefined || last?.["role"] !== "assistant") return encoded;
  return [...encoded.slice(0, -1), { ...last, [prefillMember]: true }];
}

function encodeMessage(message: Message, quirks: Quirks): JsonObject {
  if (message.role !== "tool") return encodeSpoken(message, quirks);
  return {
    role: "tool",
    tool_call_id: toolCallId(message.toolCallId, quirks),
    content: encodeContent(message.content, quirks),
    ...encodeCacheMarker(message),
  };
}

function encodeSpoken(message: SpokenMessage, quirks: Quirks): JsonObject {
  const calls = message.content.flatMap((part) =>
    part.kind === "tool-call" ? [encodeToolCall({ ...part, id: toolCallId(part.id, quirks) })] : [],
  );
  const content = spokenContent(message, quirks);
  return {
    role: roleFor(message.role, quirks),
    content: content === "" && calls.length > 0 ? null : content,
    ...(message.name !== undefined && { name: message.name }),
    ...(message.role === "assistant" && encodeReasoning(message.content, quirks)),
    ...encodeRefusal(message.content),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

function spokenContent({ content }: SpokenMessage, quirks: Quirks): string | readonly unknown[] {
  const said = encodeContent(
    content.filter((part) => !isBesideContent(part)),
    quirks,
  );
  const thought = encodeThinkingParts(content, quirks);
  if (thought.length === 0) return said;
  return [
    ...thought,
    ...(typeof said !== "string" ? said : said === "" ? [] : [{ type: "text", text: said }]),
  ];
}

/** Only OpenAI knows developers; to everybody else, who gives instructions is the system. */
function roleFor(role: SpokenMessage["role"], { instructionRole = "system" }: Quirks): string {
  return role === "developer" || role === "system" ? instructionRole : role;
}

function assistantContent(message: JsonObject, content: readonly ContentPart[]): readonly ContentPart[] {
  const refusal = readRefusal(message);
  return [
    ...decodeReasoning(message),
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

const isBesideContent = (part: ContentPart): boolean =>
  part.kind === "reasoning" || part.kind === "refusal" || part.kind === "tool-call";
