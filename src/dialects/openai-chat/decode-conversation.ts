import type { Conversation } from "../../model/conversation.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { invalidField } from "../json/invalid-field.ts";
import { textMember } from "../json/members.ts";
import { decodeMessage } from "./messages.ts";
import { decodeResponseFormat, isWhollyCanonical } from "./response-format.ts";
import { decodeSampling, isSamplingMember } from "./sampling.ts";
import { decodeTool, decodeToolChoice } from "./tools.ts";

/** Members that are always taken over whole. */
const CANONICAL: ReadonlySet<string> = new Set(["model", "messages", "stream", "max_tokens", "tools"]);

/**
 * The conversation of a request whose facts decode-request.ts has checked. Throws `invalid_request` naming the field
 * where a message can't be understood. What has no canonical form is kept for providers of this same dialect.
 */
export function decodeConversation(body: JsonObject, maxOutputTokens: number | undefined): Conversation {
  const toolChoice = decodeToolChoice(body["tool_choice"]);
  const responseFormat = decodeResponseFormat(body["response_format"]);
  const reasoningEffort = textMember(body, "reasoning_effort");
  const parallelToolCalls = body["parallel_tool_calls"];
  const extension = extensionOf(body);
  return {
    messages: messagesOf(body),
    tools: toolList(body)
      .map(decodeTool)
      .filter((tool) => tool !== undefined),
    ...(toolChoice && { toolChoice }),
    ...(typeof parallelToolCalls === "boolean" && { parallelToolCalls }),
    ...(responseFormat && { responseFormat }),
    ...(reasoningEffort !== undefined && { reasoningEffort }),
    sampling: decodeSampling(body, maxOutputTokens),
    extensions: Object.keys(extension).length === 0 ? {} : { "openai-chat": extension },
  };
}

function messagesOf(body: JsonObject): Conversation["messages"] {
  const { messages } = body;
  if (!Array.isArray(messages)) throw invalidField("messages", "a list of messages");
  return messages.map((message, index) => {
    if (!isJsonObject(message)) throw invalidField(`messages[${index}]`, "an object");
    return decodeMessage(message, `messages[${index}]`);
  });
}

function toolList(body: JsonObject): readonly unknown[] {
  return Array.isArray(body["tools"]) ? body["tools"] : [];
}

function extensionOf(body: JsonObject): JsonObject {
  const kept = Object.entries(body).filter(([name]) => !isCanonical(name, body));
  const otherTools = toolList(body).filter((tool) => decodeTool(tool) === undefined);
  if (otherTools.length > 0) kept.push(["tools", otherTools]);
  return Object.fromEntries(kept);
}

/** `max_completion_tokens` is kept, so that the provider is sent the member that the client chose. */
function isCanonical(name: string, body: JsonObject): boolean {
  const value = body[name];
  if (CANONICAL.has(name) || isSamplingMember(name, body)) return true;
  if (name === "tool_choice") return value === null || decodeToolChoice(value) !== undefined;
  if (name === "parallel_tool_calls") return value === null || typeof value === "boolean";
  if (name === "reasoning_effort") return value === null || textMember(body, name) !== undefined;
  if (name !== "response_format") return false;
  return value === null || (decodeResponseFormat(value) !== undefined && isWhollyCanonical(value));
}
