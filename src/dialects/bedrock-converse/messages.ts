import type { Message, SpokenMessage, ToolMessage } from "../../model/conversation.ts";
import type { JsonObject } from "../../model/json.ts";
import { encodeToolResult } from "./blocks/tool-result.ts";
import { type ContentContext, cachePoint, encodeContent, toolUseId } from "./content.ts";

/** A turn as Converse has it: those of one side, one after the other, are one. */
interface Turn {
  readonly role: "user" | "assistant";
  content: readonly JsonObject[];
}

/** `system` and `messages` of a request. */
export interface EncodedMessages {
  readonly system: readonly JsonObject[];
  readonly messages: readonly JsonObject[];
}

/**
 * The messages (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Message.html): instructions stand
 * before the conversation, sides take turns, and results of tools are said by the user.
 */
export function encodeMessages(messages: readonly Message[], context: ContentContext): EncodedMessages {
  const system: JsonObject[] = [];
  const turns: Turn[] = [];
  for (const message of messages) {
    if (message.role === "system" || message.role === "developer") {
      if (turns.length > 0)
        context.losses.add("late-system-message", "moved to the beginning, the only place for instructions");
      system.push(...encodeContent(message.content, context));
      continue;
    }
    const content = message.role === "tool" ? resultOf(message, context) : spoken(message, context);
    addTurn(turns, message.role === "assistant" ? "assistant" : "user", content);
  }
  trimEnding(turns.at(-1));
  return { system, messages: turns.map((turn) => ({ ...turn })) };
}

/** A message without content would be refused, and says nothing. */
function addTurn(turns: Turn[], role: Turn["role"], content: readonly JsonObject[]): void {
  if (content.length === 0) return;
  const last = turns.at(-1);
  if (last?.role === role) last.content = [...last.content, ...content];
  else turns.push({ role, content });
}

function resultOf(message: ToolMessage, context: ContentContext): readonly JsonObject[] {
  const content = encodeContent(message.content, context);
  const result = encodeToolResult(message, toolUseId(message.toolCallId, context), content);
  return [result, ...cachePoint(message, context)];
}

function spoken(message: SpokenMessage, context: ContentContext): readonly JsonObject[] {
  const content = encodeContent(message.content, context);
  const hasDocument = content.some((block) => "document" in block);
  if (!hasDocument || content.some((block) => "text" in block)) return content;
  context.losses.add("document-base64", "a line of text was put beside it, which Bedrock demands");
  return [{ text: "Here is the document." }, ...content];
}

/** A beginning of the answer that ends in a blank is refused. */
function trimEnding(turn: Turn | undefined): void {
  const last = turn?.content.at(-1);
  if (turn?.role !== "assistant" || typeof last?.["text"] !== "string") return;
  turn.content = [...turn.content.slice(0, -1), { text: last["text"].trimEnd() }];
}
