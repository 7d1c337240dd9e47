import type { ToolCallPart } from "../../../model/content-part.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import { textMember } from "../../json/members.ts";
import { FREE_FORM_ARGUMENT } from "../../translation/fit-tools.ts";

/** A call, or what one event of a stream says of it. */
export interface CallPiece {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

/** One of `tool_calls` (https://docs.cohere.com/v2/reference/chat, "tool_calls"). */
export function readToolCall(call: JsonObject): CallPiece {
  const called: JsonObject = isJsonObject(call["function"]) ? call["function"] : {};
  return {
    id: textMember(call, "id") ?? "",
    name: textMember(called, "name") ?? "",
    arguments: textMember(called, "arguments") ?? "",
  };
}

/** A call of an earlier turn. */
export function encodeToolCall({ id, name, arguments: text, freeForm }: ToolCallPart): JsonObject {
  const input = freeForm === true ? JSON.stringify({ [FREE_FORM_ARGUMENT]: text }) : text;
  return { id, type: "function", function: { name, arguments: input === "" ? "{}" : input } };
}
