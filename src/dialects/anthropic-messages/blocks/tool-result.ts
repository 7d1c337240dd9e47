import type { ToolMessage } from "../../../model/conversation.ts";
import type { JsonObject } from "../../../model/json.ts";
import { invalidField } from "../../json/invalid-field.ts";
import { textMember } from "../../json/members.ts";
import { decodeContent, encodeContent } from "../content.ts";
import { decodeCacheMarker, encodeCacheMarker } from "./cache-marker.ts";
import { toolUseId } from "./tool-call.ts";

/** `{"type": "tool_result", "tool_use_id", "content", "is_error"}`. Throws `invalid_request` naming the field. */
export function decodeToolResult(block: JsonObject, path: string): ToolMessage {
  const toolCallId = textMember(block, "tool_use_id");
  if (toolCallId === undefined)
    throw invalidField(`${path}.tool_use_id`, "the id of the tool use it answers");
  const content = decodeContent(block["content"]);
  if (content === undefined) throw invalidField(`${path}.content`, "a string or a list of blocks");
  const isError = block["is_error"];
  return {
    role: "tool",
    toolCallId,
    content,
    ...(typeof isError === "boolean" && { isError }),
    ...decodeCacheMarker(block),
  };
}

export function encodeToolResult(message: ToolMessage): JsonObject {
  const { toolCallId, content, isError } = message;
  return {
    type: "tool_result",
    tool_use_id: toolUseId(toolCallId),
    content: encodeContent(content),
    ...(isError !== undefined && { is_error: isError }),
    ...encodeCacheMarker(message),
  };
}
