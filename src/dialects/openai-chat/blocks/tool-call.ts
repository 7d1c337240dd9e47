import type { ContentPart } from "../../../model/conversation.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import { textMember } from "../../json/members.ts";
import type { WireToolCall, WireToolCallDelta } from "../wire.ts";

/** What one entry of `tool_calls` says, whole or a fragment. */
export interface ToolCallFragment {
  readonly index: number | undefined;
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly arguments: string;
}

/** Reads an entry of `tool_calls`; a custom tool's free-form input counts as its arguments. */
export function readToolCall(call: JsonObject): ToolCallFragment {
  const index = call["index"];
  const body = call["function"] ?? call["custom"];
  const called: JsonObject = isJsonObject(body) ? body : {};
  return {
    index: typeof index === "number" ? index : undefined,
    id: textMember(call, "id"),
    name: textMember(called, "name"),
    arguments: argumentsText(called["arguments"] ?? called["input"]),
  };
}

/** A tool call of an earlier turn. A custom tool's has no canonical form and is kept as it is. */
export function decodeToolCallPart(call: JsonObject): ContentPart {
  if (!isJsonObject(call["function"])) return { kind: "other", dialect: "openai-chat", value: call };
  const { id, name, arguments: text } = readToolCall(call);
  return { kind: "tool-call", id: id ?? "", name: name ?? "", arguments: text };
}

/** A whole tool call. Clients parse the arguments as JSON, so none at all is an empty object. */
export function encodeToolCall(id: string, name: string, text: string): WireToolCall {
  return { id, type: "function", function: { name, arguments: text === "" ? "{}" : text } };
}

/** The delta that begins a tool call. */
export function encodeToolCallStart(index: number, id: string, name: string): WireToolCallDelta {
  return { index, id, type: "function", function: { name, arguments: "" } };
}

/** The delta that continues one. */
export function encodeToolCallArguments(index: number, text: string): WireToolCallDelta {
  return { index, function: { arguments: text } };
}

/** Some servers give the arguments as an object instead of its text. */
function argumentsText(value: unknown): string {
  if (typeof value === "string") return value;
  return isJsonObject(value) ? JSON.stringify(value) : "";
}
