import type { Conversation } from "../../model/conversation.ts";
import type { EncodedRequest, EncodeTarget } from "../../model/dialect.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Quirks } from "../../model/quirks.ts";
import { answerFormOf } from "../translation/answer-form.ts";
import { boundsFor } from "../translation/bounds.ts";
import { fitConversation } from "../translation/fit-conversation.ts";
import { fitSchemaForm, type SchemaForm } from "../translation/json-schema-forms.ts";
import { Losses } from "../translation/losses.ts";
import { BOUNDS } from "./bounds.ts";
import { NESTED } from "./decode-conversation.ts";
import { encodeMessages } from "./encode-contents.ts";
import { type JsonText, objectText, valueText } from "./json-text.ts";
import { askForJson } from "./json-tool.ts";
import { encodeResponseFormat } from "./response-format.ts";
import { encodeSampling } from "./sampling.ts";
import { tierToGoogle } from "./service-tier.ts";
import { encodeThinking } from "./thinking.ts";
import { encodeToolChoice, encodeTools } from "./tools.ts";

/** A request as the body of generateContent (https://ai.google.dev/api/generate-content); streams have a path of their own. */
export function encodeRequest(request: InferenceRequest<"chat">, target: EncodeTarget): EncodedRequest {
  const { members, losses, form } = encodeConversation(request.content(), target.quirks);
  // There is no member that names who asks.
  if (request.endUser !== undefined) losses.add("end-user", "left out");
  return { body: objectText(members), losses: losses.list(), form };
}

/** A conversation as members of a request that are JSON already. */
export interface EncodedConversation extends Pick<EncodedRequest, "form"> {
  readonly members: { readonly [name: string]: JsonText | undefined };
  readonly losses: Losses;
}

export function encodeConversation(asked: Conversation, quirks: Quirks): EncodedConversation {
  const losses = new Losses();
  const fitted = fitConversation(asked, boundsFor(BOUNDS, quirks), losses);
  const { conversation, jsonTool } = putForm(fitted, quirks, losses);
  const extension = conversation.extensions["gemini"] ?? {};
  const { systemInstruction, contents } = encodeMessages(conversation.messages, quirks, losses);
  const members = {
    ...textsOf(membersOf(extension, undefined)),
    contents,
    systemInstruction,
    ...textsOf(encodeTooling(conversation, membersOf(extension, "toolConfig"))),
    generationConfig: valueText(filled(encodeConfig(conversation, extension, quirks, losses))),
    serviceTier: valueText(tierToGoogle(conversation.serviceTier, losses)),
    store: valueText(conversation.store),
    labels: valueText(conversation.metadata),
  };
  return { members, losses, form: answerFormOf(asked, conversation, jsonTool) };
}

/** A form that the provider lacks goes before the one that its functions are in the way of. */
function putForm(fitted: Conversation, quirks: Quirks, losses: Losses): SchemaForm {
  const form = fitSchemaForm(fitted, quirks, losses);
  return form.jsonTool === undefined ? askForJson(form.conversation, quirks) : form;
}

function encodeTooling({ tools, toolChoice }: Conversation, rest: JsonObject): JsonObject {
  const calling = tools.length === 0 ? undefined : encodeToolChoice(toolChoice, tools);
  const toolConfig = { ...rest, ...(calling && { functionCallingConfig: calling }) };
  return {
    ...(tools.length > 0 && { tools: encodeTools(tools) }),
    ...(filled(toolConfig) && { toolConfig }),
  };
}

function encodeConfig(
  conversation: Conversation,
  extension: JsonObject,
  quirks: Quirks,
  losses: Losses,
): JsonObject {
  const { sampling, responseFormat, reasoning, choices, logProbabilities } = conversation;
  const thinking = reasoning && filled(encodeThinking(reasoning, quirks, losses));
  return {
    ...membersOf(extension, "generationConfig"),
    ...encodeSampling(sampling, losses),
    ...(choices !== undefined && { candidateCount: choices }),
    ...(responseFormat && encodeResponseFormat(responseFormat)),
    ...(logProbabilities && { responseLogprobs: true }),
    ...(logProbabilities && logProbabilities.alternatives > 0 && { logprobs: logProbabilities.alternatives }),
    ...(thinking && { thinkingConfig: thinking }),
  };
}

/** The client's own members of the request itself, or of one of its members. */
function membersOf(extension: JsonObject, holder: (typeof NESTED)[number] | undefined): JsonObject {
  const entries = Object.entries(extension).flatMap(([name, value]): [string, unknown][] => {
    const home = NESTED.find((one) => name.startsWith(`${one}.`));
    if (home !== holder) return [];
    return [[home === undefined ? name : name.slice(home.length + 1), value]];
  });
  return Object.fromEntries(entries);
}

function textsOf(members: JsonObject): { readonly [name: string]: JsonText | undefined } {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, valueText(value)]));
}

/** The object, unless it holds nothing. */
function filled(object: JsonObject): JsonObject | undefined {
  return Object.keys(object).length === 0 ? undefined : object;
}
