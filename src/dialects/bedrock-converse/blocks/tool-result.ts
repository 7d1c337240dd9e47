import type { ToolMessage } from "../../../model/conversation.ts";
import type { JsonObject } from "../../../model/json.ts";

/**
 * `toolResult` (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolResultBlock.html). A result must
 * have content, so one that is empty says so with an empty text. `status` is left out for a success, since only some
 * models know it.
 */
export function encodeToolResult(
  { isError }: Pick<ToolMessage, "isError">,
  id: string,
  content: readonly JsonObject[],
): JsonObject {
  return {
    toolResult: {
      toolUseId: id,
      content: content.length === 0 ? [{ text: "(no output)" }] : content,
      ...(isError === true && { status: "error" }),
    },
  };
}
