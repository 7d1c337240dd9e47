import type { ToolCallPart } from "../../../model/content-part.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import { textMember } from "../../json/members.ts";
import { flatName } from "../namespaces.ts";

/** The item types of calls that the client carries out. */
export const isCall = (type: unknown): boolean => type === "function_call" || type === "custom_tool_call";

/** A `function_call` or `custom_tool_call` item: what a call block begins with. */
export function readCall(item: JsonObject): Pick<ToolCallPart, "id" | "name" | "freeForm"> {
  const id = textMember(item, "call_id") ?? textMember(item, "id") ?? "";
  const name = flatName(textMember(item, "namespace"), textMember(item, "name") ?? "");
  return { id, name, ...(item["type"] === "custom_tool_call" && { freeForm: true }) };
}

/** Its arguments' JSON, or its free-form input. */
export function readCallText(item: JsonObject): string {
  const value = item["type"] === "custom_tool_call" ? item["input"] : item["arguments"];
  if (typeof value === "string") return value;
  return isJsonObject(value) ? JSON.stringify(value) : "";
}

/** A call of an earlier turn. */
export function decodeCallItem(item: JsonObject): ToolCallPart {
  return { kind: "tool-call", ...readCall(item), arguments: readCallText(item) };
}

/** The same, to send. Functions' arguments are JSON, so none at all is an empty object. */
export function encodeCallItem({ id, name, arguments: text, freeForm }: ToolCallPart): JsonObject {
  if (freeForm === true) return { type: "custom_tool_call", call_id: id, name, input: text };
  return { type: "function_call", call_id: id, name, arguments: text === "" ? "{}" : text };
}
