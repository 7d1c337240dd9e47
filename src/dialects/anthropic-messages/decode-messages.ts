import type { ContentPart } from "../../model/content-part.ts";
import type { Message } from "../../model/conversation.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { invalidField } from "../json/invalid-field.ts";
import { withoutMembers } from "../json/members.ts";
import { decodeToolResult } from "./blocks/tool-result.ts";
import { decodeContent } from "./content.ts";
import { membersPart } from "./message-members.ts";

/** `system` and `messages` of a request. Throws `invalid_request` naming the field. */
export function decodeMessages(body: JsonObject): readonly Message[] {
  const { messages } = body;
  if (!Array.isArray(messages)) throw invalidField("messages", "a list of messages");
  return [
    ...decodeSystem(body["system"]),
    ...messages.flatMap((message, index) => {
      if (!isJsonObject(message)) throw invalidField(`messages[${index}]`, "an object");
      return decodeMessage(message, `messages[${index}]`);
    }),
  ];
}

function decodeSystem(system: unknown): readonly Message[] {
  const content = decodeContent(system);
  if (content === undefined) throw invalidField("system", "a string or a list of text blocks");
  return content.length === 0 ? [] : [{ role: "system", content }];
}

/** A user's message that brings the results of tools is several canonical ones. */
function decodeMessage(message: JsonObject, path: string): readonly Message[] {
  const { role, content } = message;
  switch (role) {
    case "user":
      return Array.isArray(content)
        ? decodeUserBlocks(content, path)
        : [{ role, content: partsOf(content, path) }];
    case "assistant":
      return [{ role, content: partsOf(content, path) }];
    case "system":
      return [{ role, content: [...partsOf(content, path), ...beside(message)] }];
    default:
      throw invalidField(`${path}.role`, "one of user, assistant, system");
  }
}

/** Results stand first, as every vendor wants them right behind the calls that they answer. */
function decodeUserBlocks(blocks: readonly unknown[], path: string): readonly Message[] {
  const results: Message[] = [];
  const rest: unknown[] = [];
  for (const [index, block] of blocks.entries()) {
    const isResult = isJsonObject(block) && block["type"] === "tool_result";
    if (isResult) results.push(decodeToolResult(block, `${path}.content[${index}]`));
    else rest.push(block);
  }
  if (rest.length === 0 && results.length > 0) return results;
  return [...results, { role: "user", content: partsOf(rest, path) }];
}

function partsOf(content: unknown, path: string): readonly ContentPart[] {
  const parts = decodeContent(content);
  if (parts === undefined) throw invalidField(`${path}.content`, "a string or a list of blocks");
  return parts;
}

const SAID: ReadonlySet<string> = new Set(["role", "content"]);

/** Of a system message in mid-conversation: how long it holds, and settings from there on. */
function beside(message: JsonObject): readonly ContentPart[] {
  const members = withoutMembers(message, SAID);
  return Object.keys(members).length === 0 ? [] : [membersPart(members)];
}
