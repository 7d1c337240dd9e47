import type { ContentPart } from "../../model/content-part.ts";
import type { Message, ToolMessage } from "../../model/conversation.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { invalidField } from "../json/invalid-field.ts";
import { readFunctionResponse } from "./blocks/function-response.ts";
import { CallIds } from "./call-ids.ts";
import { decodePart, joinSignatures } from "./content.ts";
import { either, listOf } from "./members.ts";

/**
 * `contents` and `systemInstruction` as messages (https://ai.google.dev/api/caching#Content). A turn of the user may
 * hold results of tools beside what is said: those come first, since other vendors want them right behind their calls.
 * Throws `invalid_request` naming the field.
 */
export function decodeMessages(body: JsonObject): readonly Message[] {
  const calls = new CallIds();
  const instruction = instructionOf(either(body, "systemInstruction"));
  const turns = listOf(body, "contents").flatMap((content, index) => {
    if (typeof content === "string") return [userText(content)];
    if (!isJsonObject(content)) throw invalidField(`contents[${index}]`, "an object");
    return decodeContent(content, calls, `contents[${index}]`);
  });
  return [...instruction, ...turns];
}

function userText(text: string): Message {
  return { role: "user", content: [{ kind: "text", text }] };
}

function instructionOf(instruction: unknown): readonly Message[] {
  if (typeof instruction === "string")
    return [{ role: "system", content: [{ kind: "text", text: instruction }] }];
  if (!isJsonObject(instruction)) return [];
  const content = decodeParts(partsOf(instruction, "systemInstruction"), new CallIds());
  return content.length === 0 ? [] : [{ role: "system", content }];
}

function decodeContent(content: JsonObject, calls: CallIds, path: string): readonly Message[] {
  const parts = partsOf(content, path);
  switch (roleOf(content)) {
    case "model":
    case "assistant":
      return [{ role: "assistant", content: decodeParts(parts, calls) }];
    case "system":
      return [{ role: "system", content: decodeParts(parts, calls) }];
    case "user":
    case "function":
    case "tool":
      return userTurn(parts, calls);
    default:
      throw invalidField(`${path}.role`, "`user` or `model`");
  }
}

function roleOf(content: JsonObject): string {
  const { role } = content;
  return typeof role === "string" && role !== "" ? role.toLowerCase() : "user";
}

function userTurn(parts: readonly unknown[], calls: CallIds): readonly Message[] {
  const results: ToolMessage[] = [];
  const said: unknown[] = [];
  for (const part of parts) {
    const result = isJsonObject(part) ? readFunctionResponse(part) : undefined;
    if (result === undefined) {
      said.push(part);
      continue;
    }
    const { id, name, ...rest } = result;
    const toolName = name !== undefined && { toolName: name };
    results.push({ role: "tool", toolCallId: calls.answer(name, id), ...toolName, ...rest });
  }
  const content = decodeParts(said, calls);
  if (content.length === 0 && results.length > 0) return results;
  return [...results, { role: "user", content }];
}

function partsOf(content: JsonObject, path: string): readonly unknown[] {
  const { parts } = content;
  if (parts === undefined || parts === null || Array.isArray(parts) || isJsonObject(parts))
    return listOf(content, "parts");
  throw invalidField(`${path}.parts`, "a list of parts");
}

function decodeParts(parts: readonly unknown[], calls: CallIds): readonly ContentPart[] {
  const nameCall = (name: string, id: string | undefined): string => calls.begin(name, id);
  return joinSignatures(parts.map((part) => decodePart(part, nameCall)));
}
