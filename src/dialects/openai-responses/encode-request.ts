import type { Conversation } from "../../model/conversation.ts";
import type { EncodedRequest, EncodeTarget } from "../../model/dialect.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { Quirks } from "../../model/quirks.ts";
import { withoutMembers } from "../json/members.ts";
import { answerFormOf } from "../translation/answer-form.ts";
import { type Bounds, boundsFor } from "../translation/bounds.ts";
import { fitConversation } from "../translation/fit-conversation.ts";
import { fitSchemaForm } from "../translation/json-schema-forms.ts";
import { Losses } from "../translation/losses.ts";
import { effortOfRequest } from "../translation/reasoning-effort.ts";
import { BOUNDS } from "./bounds.ts";
import { WITH_PROBABILITIES, WITH_PROOF } from "./decode-conversation.ts";
import { encodeMessages } from "./encode-input.ts";
import { encodeTextSettings } from "./text-settings.ts";
import { encodeTool, encodeToolChoice } from "./tools.ts";

/** Members of the client's extension that are joined with what is written here. */
const JOINED: ReadonlySet<string> = new Set(["text", "reasoning", "include"]);

/**
 * A request as a provider's Responses body (https://platform.openai.com/docs/api-reference/responses/create).
 * Instructions go as items, which every server takes. Nothing is to be kept there unless the client asks for it,
 * because no one could ask for it again; so what the model thought comes with its proof, for the next turn.
 */
export function encodeRequest(request: InferenceRequest<"chat">, target: EncodeTarget): EncodedRequest {
  const asked = request.content();
  const { body, losses, conversation, jsonTool } = encodeConversation(asked, target);
  const whole = {
    ...encodeEndUser(request, target.quirks, losses),
    ...body,
    ...(request.stream && { stream: true }),
  };
  return {
    body: JSON.stringify(whole),
    losses: losses.list(),
    form: answerFormOf(asked, conversation, jsonTool),
  };
}

/** A conversation in a provider's words. */
interface EncodedConversation {
  readonly body: JsonObject;
  readonly losses: Losses;
  /** What of the conversation can be said. */
  readonly conversation: Conversation;
  readonly jsonTool: string | undefined;
}

/** The members that say a conversation; what is lost is noted. Throws `cannot_translate` as `encodeRequest` does. */
export function encodeConversation(
  asked: Conversation,
  { model, quirks }: EncodeTarget,
): EncodedConversation {
  const losses = new Losses();
  const bounds = boundsFor(BOUNDS, quirks, asked.reasoning);
  const fitted = fitConversation(asked, bounds, losses);
  const { conversation, jsonTool } = fitSchemaForm(fitted, quirks, losses);
  const extension = conversation.extensions["openai-responses"] ?? {};
  const body = {
    model,
    input: encodeMessages(conversation.messages, quirks),
    ...encodeTools(conversation),
    ...encodeSettings(conversation, bounds),
    ...encodeObject("text", encodeTextSettings(conversation), extension),
    ...encodeObject("reasoning", encodeReasoning(conversation, quirks, losses), extension),
    ...encodeInclude(conversation, bounds, extension),
    ...withoutMembers(extension, JOINED),
    ...quirks.alsoSent,
  };
  return { body, losses, conversation, jsonTool };
}

function encodeTools({ tools, toolChoice, parallelToolCalls }: Conversation): JsonObject {
  if (tools.length === 0) return {};
  return {
    tools: tools.map(encodeTool),
    ...(toolChoice && { tool_choice: encodeToolChoice(toolChoice, tools) }),
    ...(parallelToolCalls !== undefined && { parallel_tool_calls: parallelToolCalls }),
  };
}

function encodeSettings(conversation: Conversation, { lacks }: Bounds): JsonObject {
  const { sampling, logProbabilities } = conversation;
  const members: [string, unknown][] = [
    ["temperature", sampling.temperature],
    ["top_p", sampling.topP],
    ["max_output_tokens", sampling.maxOutputTokens],
    ["top_logprobs", logProbabilities?.alternatives || undefined],
    ["prompt_cache_key", conversation.cacheKey],
    ["metadata", conversation.metadata],
    ["service_tier", conversation.serviceTier],
    ["store", conversation.store ?? (lacks.has("store") ? undefined : false)],
  ];
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}

function encodeReasoning({ reasoning }: Conversation, quirks: Quirks, losses: Losses): JsonObject {
  if (reasoning === undefined) return {};
  const effort = effortOfRequest(reasoning, quirks, losses);
  const { shown = "none" } = reasoning;
  return { ...(effort !== undefined && { effort }), ...(shown !== "none" && { summary: shown }) };
}

/** A model that takes no effort does not reason, and OpenAI refuses to be asked for the proof of what there is none. */
function encodeInclude(
  { logProbabilities }: Conversation,
  { lacks, signatures }: Bounds,
  extension: JsonObject,
): JsonObject {
  const own = extension["include"];
  const include = [
    ...(signatures.length > 0 && !lacks.has("reasoning-effort") ? [WITH_PROOF] : []),
    ...(logProbabilities === undefined ? [] : [WITH_PROBABILITIES]),
    ...(Array.isArray(own) ? own : []),
  ];
  return include.length === 0 ? {} : { include };
}

function encodeEndUser({ endUser }: InferenceRequest, quirks: Quirks, losses: Losses): JsonObject {
  if (endUser === undefined) return {};
  if (quirks.lacks?.includes("end-user") !== true) return { [quirks.endUserMember ?? "user"]: endUser };
  losses.add("end-user", "left out");
  return {};
}

function encodeObject(name: string, written: JsonObject, extension: JsonObject): JsonObject {
  const own = extension[name];
  const whole = { ...written, ...(isJsonObject(own) && own) };
  return Object.keys(whole).length === 0 ? {} : { [name]: whole };
}
