import type { Conversation } from "../../model/conversation.ts";
import type { EncodedRequest, EncodeTarget } from "../../model/dialect.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { ToolChoice } from "../../model/tool.ts";
import { withoutMembers } from "../json/members.ts";
import { answerFormOf } from "../translation/answer-form.ts";
import { type Bounds, boundsFor } from "../translation/bounds.ts";
import { fitConversation } from "../translation/fit-conversation.ts";
import { Losses } from "../translation/losses.ts";
import { BOUNDS } from "./bounds.ts";
import { encodeMessages } from "./encode-messages.ts";
import { planThinking, type ThinkingPlan } from "./encode-reasoning.ts";
import { outputBound } from "./output-bound.ts";
import { type FormatPlan, planFormat } from "./response-format.ts";
import { encodeSampling } from "./sampling.ts";
import { encodeServiceTier } from "./service-tier.ts";
import { encodeToolChoice, encodeTools } from "./tools.ts";

/** The version of the API that this file is written for (https://platform.claude.com/docs/en/api/versioning). */
export const API_VERSION = "2023-06-01";

/** Members of the client's extension that are written here and not copied. */
const WRITTEN_HERE: ReadonlySet<string> = new Set(["thinking", "output_config"]);

const HEADERS = Object.freeze({ "anthropic-version": API_VERSION });

/** A request as a provider's Messages body (https://platform.claude.com/docs/en/api/messages). */
export function encodeRequest(request: InferenceRequest<"chat">, target: EncodeTarget): EncodedRequest {
  const losses = new Losses();
  const prompt = encodePrompt(request.content(), target, losses);
  const { conversation, thinking, body } = prompt;
  const extension = conversation.extensions["anthropic-messages"] ?? {};
  return {
    body: JSON.stringify({
      ...withoutMembers(extension, WRITTEN_HERE),
      ...body,
      max_tokens: thinking.bound.maxTokens,
      ...encodeSampling(conversation.sampling, target.quirks, thinking.isOn, losses),
      ...encodeServiceTier(conversation.serviceTier, losses),
      ...encodeEndUser(request, target, extension, losses),
      ...(request.stream && { stream: true }),
    }),
    losses: losses.list(),
    form: answerFormOf(request.content(), conversation, prompt.jsonTool),
    headers: HEADERS,
  };
}

/**
 * The question how many tokens a request would take: what of it is read, and nothing of how the answer is drawn, which
 * would be refused (https://platform.claude.com/docs/en/api/messages-count-tokens).
 */
export function encodeCountRequest(
  request: InferenceRequest<"count-tokens">,
  target: EncodeTarget,
): EncodedRequest {
  const losses = new Losses();
  const { conversation, body } = encodePrompt(request.content(), target, losses);
  const extension = conversation.extensions["anthropic-messages"] ?? {};
  const whole = { ...withoutMembers(extension, WRITTEN_HERE), ...body };
  return { body: JSON.stringify(whole), losses: losses.list(), form: {}, headers: HEADERS };
}

/** What a model reads, and how it shall think. */
interface EncodedPrompt {
  /** What of the conversation can be said. */
  readonly conversation: Conversation;
  readonly thinking: ThinkingPlan;
  readonly jsonTool: string | undefined;
  readonly body: JsonObject;
}

function encodePrompt(asked: Conversation, { model, quirks }: EncodeTarget, losses: Losses): EncodedPrompt {
  const bounds = boundsFor(BOUNDS, quirks);
  const conversation = fitConversation(asked, bounds, losses);
  const { tools, toolChoice, responseFormat } = conversation;
  const format = planFormat(responseFormat, { tools, mustCall: isForced(toolChoice), quirks, losses });
  const choice = choiceFor(tools, toolChoice, format);
  const thinking = planThinking(fitReasoning(conversation.reasoning, bounds, losses), {
    quirks,
    bound: outputBound(conversation.sampling.maxOutputTokens, quirks, losses),
    mustCall: isForced(choice),
    losses,
  });
  const extension = conversation.extensions["anthropic-messages"] ?? {};
  return {
    conversation,
    thinking,
    jsonTool: format.by === "tool" ? format.tool.name : undefined,
    body: {
      model,
      ...encodeInstructed(conversation, format, bounds, losses),
      ...encodeTooling(conversation, format, choice, losses),
      ...encodeThinking(thinking, extension),
      ...encodeOutputConfig(thinking, format, extension),
    },
  };
}

/** A model that takes neither effort nor budget does not think at all. */
function fitReasoning(
  reasoning: Conversation["reasoning"],
  { lacks }: Bounds,
  losses: Losses,
): Conversation["reasoning"] {
  const canThink = !lacks.has("reasoning-effort") || !lacks.has("reasoning-budget");
  if (canThink || reasoning === undefined) return reasoning;
  if (reasoning.mode !== undefined && reasoning.mode !== "off") losses.add("reasoning-effort", "left out");
  return undefined;
}

function isForced(choice: ToolChoice | undefined): boolean {
  return choice?.kind === "required" || choice?.kind === "tool";
}

function choiceFor(
  tools: Conversation["tools"],
  choice: ToolChoice | undefined,
  format: FormatPlan,
): ToolChoice | undefined {
  if (format.by !== "tool") return choice;
  // Among other tools any may come first; the answer's own is called in the end.
  const isAlone = tools.length === 0 || choice?.kind === "none";
  return isAlone ? { kind: "tool", name: format.tool.name } : { kind: "required" };
}

function encodeInstructed(
  { messages }: Conversation,
  format: FormatPlan,
  { lacks }: Bounds,
  losses: Losses,
): JsonObject {
  const instruction =
    format.by === "instruction"
      ? [{ role: "system" as const, content: [{ kind: "text" as const, text: format.text }] }]
      : [];
  return encodeMessages([...instruction, ...messages], {
    lateSystem: !lacks.has("late-system-message"),
    losses,
  });
}

function encodeTooling(
  { tools, parallelToolCalls }: Conversation,
  format: FormatPlan,
  choice: ToolChoice | undefined,
  losses: Losses,
): JsonObject {
  const told = format.by === "tool" ? [...tools, format.tool] : tools;
  if (told.length === 0) return {};
  // The answer's own tool beside a real call would leave it open which of them the answer is.
  const parallel = format.by === "tool" ? false : parallelToolCalls;
  return { tools: encodeTools(told, losses), ...encodeToolChoice(choice, parallel) };
}

/** What only Anthropic understands stays beside what was asked in canonical words. */
function encodeThinking({ thinking }: ThinkingPlan, extension: JsonObject): JsonObject {
  const own = extension["thinking"];
  if (thinking === undefined) return {};
  return { thinking: { ...(isJsonObject(own) && thinking["type"] !== "between_tools" && own), ...thinking } };
}

function encodeOutputConfig({ effort }: ThinkingPlan, format: FormatPlan, extension: JsonObject): JsonObject {
  const own = extension["output_config"];
  const config = {
    ...(isJsonObject(own) && own),
    ...(effort !== undefined && { effort }),
    ...(format.by === "format" && { format: format.format }),
  };
  return Object.keys(config).length === 0 ? {} : { output_config: config };
}

function encodeEndUser(
  { endUser }: InferenceRequest,
  { quirks }: EncodeTarget,
  extension: JsonObject,
  losses: Losses,
): JsonObject {
  const own = extension["metadata"];
  if (endUser === undefined) return {};
  if (quirks.lacks?.includes("end-user") !== true)
    return { metadata: { ...(isJsonObject(own) && own), user_id: endUser } };
  losses.add("end-user", "left out");
  return {};
}
