import type { ToolCallPart } from "../../../model/content-part.ts";
import type { Block } from "../../../model/inference-response.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import { textMember } from "../../json/members.ts";
import { FREE_FORM_ARGUMENT } from "../../translation/fit-tools.ts";
import { ToolInputWriter } from "../tool-input-writer.ts";
import type { WireBlock } from "../wire.ts";
import { decodeCacheMarker, encodeCacheMarker } from "./cache-marker.ts";

/** `{"type": "tool_use", "id", "name", "input"}`. */
export function decodeToolCallPart(block: JsonObject): ToolCallPart {
  return {
    kind: "tool-call",
    id: textMember(block, "id") ?? "",
    name: textMember(block, "name") ?? "",
    arguments: JSON.stringify(block["input"] ?? {}),
    ...decodeCacheMarker(block),
  };
}

/** A tool call of an earlier turn, to send back. */
export function encodeToolCallPart(part: ToolCallPart): JsonObject {
  const input = part.freeForm === true ? { [FREE_FORM_ARGUMENT]: part.arguments } : inputOf(part.arguments);
  return { type: "tool_use", id: toolUseId(part.id), name: part.name, input, ...encodeCacheMarker(part) };
}

/** A tool call as a client is given it. */
export function encodeToolCallBlock({
  id,
  name,
  text,
  freeForm,
}: Pick<Extract<Block, { kind: "tool-call" }>, "id" | "name" | "text" | "freeForm">): WireBlock {
  const input =
    freeForm === true && text !== "" ? { [FREE_FORM_ARGUMENT]: text } : ToolInputWriter.read(text);
  return { type: "tool_use", id, name, input, caller: { type: "direct" } };
}

/**
 * Anthropic takes only letters, digits, `_` and `-` in an id; other vendors' ids hold more ("functions.f:0"). Each other
 * character becomes its code, so that different ids stay different and a result finds its call.
 */
export function toolUseId(id: string): string {
  if (id === "") return "unnamed";
  return id.replace(/[^a-zA-Z0-9_-]/gu, (character) => `_${character.codePointAt(0)?.toString(16)}_`);
}

/** Arguments that go back to the model must be an object here; what it broke is kept as it was said. */
function inputOf(text: string): JsonObject {
  if (text.trim() === "") return {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (isJsonObject(parsed)) return parsed;
  } catch {
    // Not JSON: the model sees it for what it is.
  }
  return { [FREE_FORM_ARGUMENT]: text };
}
