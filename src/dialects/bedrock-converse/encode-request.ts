import type { Conversation } from "../../model/conversation.ts";
import type { EncodedRequest, EncodeTarget } from "../../model/dialect.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { Quirks } from "../../model/quirks.ts";
import type { ToolChoice } from "../../model/tool.ts";
import { answerFormOf } from "../translation/answer-form.ts";
import { boundsFor } from "../translation/bounds.ts";
import { fitConversation } from "../translation/fit-conversation.ts";
import type { JsonTool } from "../translation/json-tool.ts";
import { Losses } from "../translation/losses.ts";
import { sameMembersOf } from "../translation/same-members.ts";
import { BOUNDS } from "./bounds.ts";
import type { ContentContext } from "./content.ts";
import { encodeMessages } from "./messages.ts";
import { encodeFormat } from "./output-format.ts";
import { type EncodedReasoning, encodeReasoning } from "./reasoning.ts";
import { encodeMetadata, encodeServiceTier } from "./request-settings.ts";
import { encodeInferenceConfig, encodeTopK, fitSampling } from "./sampling.ts";
import { encodeTools, type Tooling } from "./tools.ts";

/**
 * A request of Converse and of ConverseStream, which have the same body
 * (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html). The model stands in the path.
 */
export function encodeRequest(request: InferenceRequest<"chat">, { quirks }: EncodeTarget): EncodedRequest {
  const losses = new Losses();
  const conversation = fitConversation(request.content(), boundsFor(BOUNDS, quirks), losses);
  if (request.endUser !== undefined) losses.add("end-user", "left out");
  const { textFormat, jsonTool } = encodeFormat(conversation, quirks);
  const mustCall = jsonTool !== undefined || isForced(conversation.toolChoice);
  const reasoning = encodeReasoning(conversation, quirks, losses, mustCall);
  const mayForce = !reasoning.isThinking && canBeForced(quirks);
  const body = encodeBody(request, conversation, {
    context: { quirks, losses, documentNames: new Set() },
    reasoning,
    tooling: toolingOf(conversation, jsonTool, mayForce, losses),
    instructions: instructions(jsonTool, mayForce),
    outputConfig: orAbsent({
      ...(textFormat && { textFormat }),
      ...(reasoning.effort !== undefined && { effort: reasoning.effort }),
    }),
  });
  const form = answerFormOf(request.content(), conversation, jsonTool?.tool.name);
  return { body: JSON.stringify(body), losses: losses.list(), form };
}

/** What was decided about a request before it is written. */
interface Decisions {
  readonly context: ContentContext;
  readonly reasoning: EncodedReasoning;
  readonly tooling: Tooling;
  readonly instructions: readonly JsonObject[];
  readonly outputConfig: JsonObject | undefined;
}

function encodeBody(
  request: InferenceRequest<"chat">,
  conversation: Conversation,
  { context, reasoning, tooling, ...decided }: Decisions,
): JsonObject {
  const { quirks, losses } = context;
  const sampling = fitSampling(conversation.sampling, reasoning, quirks, losses);
  const { toolConfig, fields } = encodeTools(tooling, conversation.messages, context);
  const { system, messages } = encodeMessages(conversation.messages, context);
  const said = sameMembersOf(conversation.extensions, BOUNDS);
  const { additionalModelRequestFields: saidFields } = said;
  return withoutAbsent({
    ...said,
    system: orAbsent([...system, ...decided.instructions]),
    messages,
    inferenceConfig: encodeInferenceConfig(sampling, reasoning),
    toolConfig,
    additionalModelRequestFields: orAbsent({
      ...(isJsonObject(saidFields) && saidFields),
      ...reasoning.fields,
      ...encodeTopK(sampling, quirks),
      ...fields,
    }),
    additionalModelResponseFieldPaths:
      said["additionalModelResponseFieldPaths"] ?? stopPaths(request, quirks),
    requestMetadata: said["requestMetadata"] ?? encodeMetadata(conversation.metadata, losses),
    serviceTier: encodeServiceTier(conversation.serviceTier, losses),
    outputConfig: decided.outputConfig,
  });
}

/** The client's tools, and the one that stands for a response format. */
function toolingOf(
  { tools, toolChoice, parallelToolCalls }: Conversation,
  jsonTool: JsonTool | undefined,
  mayForce: boolean,
  losses: Losses,
): Tooling {
  const parallel = parallelToolCalls !== undefined && { parallelToolCalls };
  if (jsonTool !== undefined) {
    const isAlone = jsonTool.choice.kind === "tool";
    if (!mayForce) losses.add("json-schema", "asked for in words: this model can't be forced to it");
    return {
      tools: [...(isAlone ? [] : tools), jsonTool.tool],
      toolChoice: mayForce ? jsonTool.choice : { kind: "auto" },
      ...parallel,
    };
  }
  if (mayForce || !isForced(toolChoice)) return { tools, ...(toolChoice && { toolChoice }), ...parallel };
  losses.add("tool-choice", "left out: this model can't be told to call a tool");
  return { tools, toolChoice: { kind: "auto" }, ...parallel };
}

/** True where the model can be told that it must call a tool, and which. */
function canBeForced({ lacks = [], toolChoices }: Quirks): boolean {
  return !lacks.includes("tool-choice") && (toolChoices === undefined || toolChoices.includes("tool"));
}

function isForced(choice: ToolChoice | undefined): boolean {
  return choice?.kind === "required" || choice?.kind === "tool";
}

/** Where a tool can't be forced, the model is told to use it. */
function instructions(jsonTool: JsonTool | undefined, mayForce: boolean): readonly JsonObject[] {
  if (jsonTool === undefined || mayForce) return [];
  return [
    { text: `Give your final answer by calling the tool \`${jsonTool.tool.name}\`, and in no other way.` },
  ];
}

/** Which stop sequence came is told only where it is asked for, by Claude; a path that isn't there is passed over. */
function stopPaths(request: InferenceRequest<"chat">, { converse }: Quirks): readonly string[] | undefined {
  const { stop = [] } = request.content().sampling;
  if (stop.length === 0 || converse?.reasoning !== "thinking") return undefined;
  return [request.stream ? "/delta/stop_sequence" : "/stop_sequence"];
}

function orAbsent<T extends object>(value: T): T | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}

function withoutAbsent(members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
