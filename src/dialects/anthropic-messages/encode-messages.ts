import type { ContentPart, TextPart } from "../../model/content-part.ts";
import type { Message, SpokenMessage } from "../../model/conversation.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Losses } from "../translation/losses.ts";
import { encodeToolResult } from "./blocks/tool-result.ts";
import { encodeBlocks, encodeContent } from "./content.ts";
import { takeMembers } from "./message-members.ts";
import { TurnWriter } from "./turn-writer.ts";

/** How instructions in mid-conversation are told. */
export interface MessageOptions {
  /** Whether the model takes them as messages of the system (Anthropic's newer models do). */
  readonly lateSystem: boolean;
  readonly losses: Losses;
}

/** What is said to a model that takes no turn of an assistant first. */
const OPENING = "(The assistant begins.)";

/** `system` and `messages` of a request. Instructions before the first turn are the system prompt. */
export function encodeMessages(messages: readonly Message[], options: MessageOptions): JsonObject {
  const start = messages.findIndex((message) => !isInstruction(message));
  const leading = messages.slice(0, start === -1 ? messages.length : start).filter(isInstruction);
  const system = encodeContent(leading.flatMap(({ content }) => instructionsOf(content, options.losses)));
  const turns = encodeTurns(messages.slice(leading.length), options);
  const hasSystem = system.length > 0;
  // A conversation that is instructions alone is a question all the same.
  if (turns.length === 0) return { messages: hasSystem ? [{ role: "user", content: system }] : [] };
  return { ...(hasSystem && { system }), messages: turns };
}

function encodeTurns(messages: readonly Message[], options: MessageOptions): readonly JsonObject[] {
  const turns = new TurnWriter(options.losses);
  for (const message of messages) {
    if (message.role === "tool") turns.addResult(encodeToolResult(message));
    else if (message.role === "user") turns.addUser(encodeBlocks(message.content));
    else if (message.role === "assistant") {
      const blocks = encodeBlocks(message.content);
      if (blocks.length === 0) continue;
      if (turns.isEmpty) turns.addUser([{ type: "text", text: OPENING }]);
      turns.addAssistant(blocks);
    } else addInstruction(turns, message, options);
  }
  return turns.finish();
}

function addInstruction(turns: TurnWriter, { content }: SpokenMessage, options: MessageOptions): void {
  const { lateSystem, losses } = options;
  const { members, rest } = takeMembers(content);
  const texts = instructionsOf(rest, losses);
  if (lateSystem) turns.addSystem(encodeBlocks(texts), members);
  else turns.tellInstructions(encodeBlocks(texts));
}

/** Instructions are texts alone. */
function instructionsOf(parts: readonly ContentPart[], losses: Losses): readonly TextPart[] {
  const texts = parts.filter((part) => part.kind === "text");
  if (texts.length < parts.length) losses.add("vendor-part", "left out: instructions are text");
  return texts;
}

function isInstruction(message: Message): message is SpokenMessage {
  return message.role === "system" || message.role === "developer";
}
