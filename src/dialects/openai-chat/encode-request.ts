import type { Conversation } from "../../model/conversation.ts";
import type { EncodedRequest, EncodeTarget } from "../../model/dialect.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { Quirks } from "../../model/quirks.ts";
import { withoutMembers } from "../json/members.ts";
import { answerFormOf } from "../translation/answer-form.ts";
import { boundsFor } from "../translation/bounds.ts";
import { fitConversation } from "../translation/fit-conversation.ts";
import { fitSchemaForm } from "../translation/json-schema-forms.ts";
import { Losses } from "../translation/losses.ts";
import { BOUNDS } from "./bounds.ts";
import { encodeMessages } from "./messages.ts";
import { encodeReasoningSettings } from "./reasoning-settings.ts";
import { encodeResponseFormat } from "./response-format.ts";
import { encodeSampling } from "./sampling.ts";
import { encodeTool, encodeToolChoice } from "./tools.ts";

/** Members of the client's extension that are written here and not copied. */
const WRITTEN_HERE: ReadonlySet<string> = new Set(["stream_options", "max_completion_tokens"]);

/** OpenAI refuses a longer name of the end user (.../docs/guides/safety-best-practices); coding agents send longer ones. */
const MAX_END_USER_CHARACTERS = 64;

/**
 * A request as a provider's chat completion body. A stream is asked for its usage, because the ledger needs it
 * (https://platform.openai.com/docs/api-reference/chat/create, stream_options).
 */
export function encodeRequest(request: InferenceRequest<"chat">, target: EncodeTarget): EncodedRequest {
  const { model, quirks } = target;
  const losses = new Losses();
  const asked = request.content();
  const fitted = fitConversation(asked, boundsFor(BOUNDS, quirks, asked.reasoning), losses);
  const { conversation, jsonTool } = fitSchemaForm(fitted, quirks, losses);
  const extension = conversation.extensions["openai-chat"] ?? {};
  const body = {
    model,
    messages: encodeMessages(conversation.messages, quirks),
    ...encodeTools(conversation),
    ...encodeSettings(conversation),
    ...encodeReasoningSettings(conversation.reasoning, quirks, losses),
    ...encodeSampling(conversation.sampling, quirks),
    ...encodeOutputBound(conversation.sampling.maxOutputTokens, extension, quirks),
    ...encodeEndUser(request, quirks, losses),
    ...withoutMembers(extension, WRITTEN_HERE),
    ...quirks.alsoSent,
    ...(request.stream && { stream: true, ...encodeStreamOptions(extension, quirks) }),
  };
  return {
    body: JSON.stringify(body),
    losses: losses.list(),
    form: answerFormOf(asked, conversation, jsonTool),
  };
}

function encodeTools({ tools, toolChoice }: Conversation): JsonObject {
  if (tools.length === 0) return {};
  return {
    tools: tools.map(encodeTool),
    ...(toolChoice && { tool_choice: encodeToolChoice(toolChoice, tools) }),
  };
}

function encodeSettings(conversation: Conversation): JsonObject {
  const { parallelToolCalls, responseFormat, logProbabilities, tools } = conversation;
  const members: [string, unknown][] = [
    ["parallel_tool_calls", tools.length === 0 ? undefined : parallelToolCalls],
    ["response_format", responseFormat && encodeResponseFormat(responseFormat)],
    ["verbosity", conversation.verbosity],
    ["n", conversation.choices],
    ["logprobs", logProbabilities && true],
    ["top_logprobs", logProbabilities?.alternatives || undefined],
    ["prompt_cache_key", conversation.cacheKey],
    ["metadata", conversation.metadata],
    ["service_tier", conversation.serviceTier],
    ["store", conversation.store],
  ];
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}

function encodeEndUser({ endUser }: InferenceRequest, quirks: Quirks, losses: Losses): JsonObject {
  if (endUser === undefined) return {};
  if (quirks.lacks?.includes("end-user") === true) {
    losses.add("end-user", "left out");
    return {};
  }
  const isLong = endUser.length > MAX_END_USER_CHARACTERS;
  if (isLong)
    losses.add("end-user", `its digest was sent: it is longer than ${MAX_END_USER_CHARACTERS} characters`);
  return { [quirks.endUserMember ?? "user"]: isLong ? digestOf(endUser) : endUser };
}

/** The same user keeps the same digest. */
function digestOf(text: string): string {
  return new Bun.CryptoHasher("sha256").update(text).digest("hex");
}

/**
 * `max_tokens` unless the provider is known to want the newer name, or the client itself said `max_completion_tokens`:
 * servers that know only the former ignore the latter in silence, and an answer without a bound overruns its budget,
 * while the opposite mistake is refused aloud.
 */
function encodeOutputBound(
  maxOutputTokens: number | undefined,
  extension: JsonObject,
  quirks: Quirks,
): JsonObject {
  if (maxOutputTokens === undefined) return {};
  const isNewer = typeof extension["max_completion_tokens"] === "number";
  const member = quirks.outputBound ?? (isNewer ? "max_completion_tokens" : "max_tokens");
  return { [member]: maxOutputTokens };
}

function encodeStreamOptions(extension: JsonObject, { streamUsage = "asked" }: Quirks): JsonObject {
  if (streamUsage === "unasked") return {};
  const asked = extension["stream_options"];
  return { stream_options: { ...(isJsonObject(asked) && asked), include_usage: true } };
}
