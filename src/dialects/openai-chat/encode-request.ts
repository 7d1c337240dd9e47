import type { Conversation } from "../../model/conversation.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { Quirks } from "../../model/provider.ts";
import { withoutMembers } from "../json/members.ts";
import { encodeMessage } from "./messages.ts";
import { encodeResponseFormat } from "./response-format.ts";
import { encodeSampling } from "./sampling.ts";
import { encodeTool, encodeToolChoice } from "./tools.ts";

/** Members of the client's extension that are written here and not copied. */
const WRITTEN_HERE: ReadonlySet<string> = new Set(["tools", "stream_options", "max_completion_tokens"]);

/**
 * A request as a provider's chat completion body. A stream is asked for its usage, because the ledger needs it
 * (https://platform.openai.com/docs/api-reference/chat/create, stream_options).
 */
export function encodeRequest(request: InferenceRequest, model: string, quirks: Quirks = {}): string {
  const conversation = request.conversation();
  const extension = conversation.extensions["openai-chat"] ?? {};
  return JSON.stringify({
    model,
    messages: conversation.messages.map(encodeMessage),
    ...encodeTools(conversation, extension),
    ...encodeSettings(conversation),
    ...encodeSampling(conversation.sampling),
    ...encodeOutputBound(conversation.sampling.maxOutputTokens, extension, quirks),
    ...withoutMembers(extension, WRITTEN_HERE),
    ...(request.stream && { stream: true, stream_options: streamOptions(extension) }),
  });
}

function encodeTools(conversation: Conversation, extension: JsonObject): JsonObject {
  const others: readonly unknown[] = Array.isArray(extension["tools"]) ? extension["tools"] : [];
  const tools = [...conversation.tools.map(encodeTool), ...others];
  return tools.length === 0 ? {} : { tools };
}

function encodeSettings({
  toolChoice,
  parallelToolCalls,
  responseFormat,
  reasoningEffort,
}: Conversation): JsonObject {
  return {
    ...(toolChoice && { tool_choice: encodeToolChoice(toolChoice) }),
    ...(parallelToolCalls !== undefined && { parallel_tool_calls: parallelToolCalls }),
    ...(responseFormat && { response_format: encodeResponseFormat(responseFormat) }),
    ...(reasoningEffort !== undefined && { reasoning_effort: reasoningEffort }),
  };
}

/**
 * `max_tokens` unless the provider is known to want the newer name, or the client itself said `max_completion_tokens`: servers that know only the former ignore the
 * latter in silence, and an answer without a bound overruns its budget, while the opposite mistake is refused aloud.
 */
function encodeOutputBound(
  maxOutputTokens: number | undefined,
  extension: JsonObject,
  quirks: Quirks,
): JsonObject {
  if (maxOutputTokens === undefined) return {};
  const isNewer = quirks.newOutputBound === true || typeof extension["max_completion_tokens"] === "number";
  return isNewer ? { max_completion_tokens: maxOutputTokens } : { max_tokens: maxOutputTokens };
}

function streamOptions(extension: JsonObject): JsonObject {
  const asked = extension["stream_options"];
  return { ...(isJsonObject(asked) && asked), include_usage: true };
}
