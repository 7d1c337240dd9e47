import type { ContentPart } from "../../model/content-part.ts";
import type { Message, SpokenMessage } from "../../model/conversation.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { invalidField } from "../json/invalid-field.ts";
import { textMember } from "../json/members.ts";
import { withCallSignatures } from "./blocks/call-signature.ts";
import { decodeReasoningItem } from "./blocks/reasoning.ts";
import { decodeCallItem } from "./blocks/tool-call.ts";
import { decodeContent } from "./content.ts";

/**
 * `instructions` and `input` as messages. Throws `invalid_request` naming the field. Items stand in a row, each for
 * itself; those that the model gave, one after another, are one turn of it.
 */
export function decodeInput(body: JsonObject): readonly Message[] {
  const { instructions, input } = body;
  const turns = new Turns();
  if (typeof instructions === "string" && instructions !== "")
    turns.say({ role: "system", content: [{ kind: "text", text: instructions }] });
  if (typeof input === "string") turns.say({ role: "user", content: [{ kind: "text", text: input }] });
  else if (Array.isArray(input)) {
    for (const [at, item] of input.entries()) decodeItem(item, `input[${at}]`, turns);
  } else if (input !== undefined && input !== null)
    throw invalidField("input", "a string or a list of items");
  return turns.messages();
}

/** Puts the messages together. */
class Turns {
  #messages: Message[] = [];
  #assistant: ContentPart[] = [];

  /** Something that the client says, or gives for a call. */
  say(message: Message): void {
    this.#endAssistant();
    this.#messages.push(message);
  }

  /** Something that the model gave. */
  give(parts: readonly ContentPart[]): void {
    this.#assistant.push(...parts);
  }

  messages(): readonly Message[] {
    this.#endAssistant();
    return this.#messages;
  }

  #endAssistant(): void {
    if (this.#assistant.length === 0) return;
    this.#messages.push({ role: "assistant", content: withCallSignatures(this.#assistant) });
    this.#assistant = [];
  }
}

function decodeItem(item: unknown, path: string, turns: Turns): void {
  if (!isJsonObject(item)) throw invalidField(path, "an object");
  switch (item["type"] ?? (item["role"] === undefined ? "item_reference" : "message")) {
    case "message":
      decodeMessage(item, path, turns);
      return;
    case "reasoning":
      turns.give([decodeReasoningItem(item)]);
      return;
    case "function_call":
    case "custom_tool_call":
      turns.give([decodeCallItem(item)]);
      return;
    case "function_call_output":
    case "custom_tool_call_output":
      turns.say(decodeResult(item, path));
      return;
    default:
      if (isOfClient(item)) turns.say({ role: "user", content: [asOther(item)] });
      else turns.give([asOther(item)]);
  }
}

function decodeMessage(item: JsonObject, path: string, turns: Turns): void {
  const { role } = item;
  if (!isRole(role)) throw invalidField(`${path}.role`, "one of user, assistant, system, developer");
  // An item can hold an unknown part alone, so that it keeps its place whatever it is.
  const content = decodeContent(item["content"], (part) => ({ type: "message", role, content: [part] }));
  if (content === undefined) throw invalidField(`${path}.content`, "a string or a list of parts");
  if (role === "assistant") turns.give(content);
  else turns.say({ role, content });
}

function decodeResult(item: JsonObject, path: string): Message {
  const toolCallId = textMember(item, "call_id");
  if (toolCallId === undefined)
    throw invalidField(`${path}.call_id`, "the `call_id` of the call that it answers");
  const content = decodeContent(item["output"], (part) => part);
  if (content === undefined) throw invalidField(`${path}.output`, "a string or a list of parts");
  return { role: "tool", toolCallId, content };
}

function asOther(item: JsonObject): ContentPart {
  return { kind: "other", dialect: "openai-responses", value: item };
}

/** What the client gives for a vendor's own calls, and what it tells the API; all else came from the model. */
function isOfClient({ type }: JsonObject): boolean {
  if (typeof type !== "string") return true;
  return type.endsWith("_output") || type.endsWith("_response") || OF_CLIENT.has(type);
}

const OF_CLIENT: ReadonlySet<string> = new Set([
  "item_reference",
  "additional_tools",
  "configuration_update",
  "compaction_trigger",
]);

function isRole(role: unknown): role is SpokenMessage["role"] {
  return role === "user" || role === "assistant" || role === "system" || role === "developer";
}
