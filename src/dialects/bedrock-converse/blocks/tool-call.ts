import type { ToolCallPart } from "../../../model/content-part.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import { textMember } from "../../json/members.ts";
import { FREE_FORM_ARGUMENT } from "../../translation/fit-tools.ts";

/** A call as its block, or the start of its block, names it. */
export interface CalledTool {
  readonly id: string;
  readonly name: string;
  /** JSON, where the block is whole. */
  readonly arguments?: string;
  /** True for a tool that the provider runs itself: no call for the client. */
  readonly isServers: boolean;
}

/** `toolUse` (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolUseBlock.html). */
export function readToolCall(use: JsonObject): CalledTool {
  const { input } = use;
  return {
    id: textMember(use, "toolUseId") ?? "",
    name: textMember(use, "name") ?? "",
    ...(input !== undefined && { arguments: typeof input === "string" ? input : JSON.stringify(input) }),
    isServers: use["type"] === "server_tool_use",
  };
}

/** A call of an earlier turn. `input` must be an object: whatever is none becomes the one member of one. */
export function encodeToolCall({ name, arguments: text, freeForm }: ToolCallPart, id: string): JsonObject {
  return {
    toolUse: { toolUseId: id, name, input: freeForm === true ? wrapped(text) : inputOf(text) },
  };
}

function inputOf(text: string): JsonObject {
  if (text.trim() === "") return {};
  try {
    const parsed: unknown = JSON.parse(text);
    return isJsonObject(parsed) ? parsed : wrapped(text);
  } catch {
    // A model once wrote arguments that are no JSON, and the client sends back what it was given.
    return wrapped(text);
  }
}

const wrapped = (text: string): JsonObject => ({ [FREE_FORM_ARGUMENT]: text });
