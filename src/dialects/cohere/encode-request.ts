import type { Conversation } from "../../model/conversation.ts";
import type { EncodedRequest, EncodeTarget } from "../../model/dialect.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import type { JsonObject } from "../../model/json.ts";
import { answerFormOf } from "../translation/answer-form.ts";
import { boundsFor } from "../translation/bounds.ts";
import { fitConversation } from "../translation/fit-conversation.ts";
import { type JsonTool, jsonToolFor } from "../translation/json-tool.ts";
import { Losses } from "../translation/losses.ts";
import { sameMembersOf } from "../translation/same-members.ts";
import { BOUNDS } from "./bounds.ts";
import { encodeMessage, type MessageContext } from "./messages.ts";
import { encodeResponseFormat } from "./response-format.ts";
import { encodeSampling } from "./sampling.ts";
import { encodeThinkingRequest } from "./thinking.ts";
import { encodeTools, type Tooling } from "./tools.ts";

/** A request of Cohere's chat (https://docs.cohere.com/v2/reference/chat). */
export function encodeRequest(request: InferenceRequest<"chat">, target: EncodeTarget): EncodedRequest {
  const losses = new Losses();
  const conversation = fitConversation(request.content(), boundsFor(BOUNDS, target.quirks), losses);
  if (request.endUser !== undefined) losses.add("end-user", "left out");
  if ((conversation.logProbabilities?.alternatives ?? 0) > 0)
    losses.add("log-probabilities", "without alternatives, of which it tells none");
  const { jsonTool, responseFormat } = formatOf(conversation);
  const context: MessageContext = { losses, mayCite: responseFormat === undefined, documents: [] };
  const messages = conversation.messages.flatMap((message) => encodeMessage(message, context) ?? []);
  const said = sameMembersOf(conversation.extensions, BOUNDS);
  const members: [string, unknown][] = [
    ["model", target.model],
    ["messages", messages],
    ["documents", context.documents.length === 0 ? undefined : context.documents],
    ["response_format", responseFormat],
    ["logprobs", conversation.logProbabilities && true],
    ["thinking", encodeThinkingRequest(conversation.reasoning)],
    ["stream", request.stream],
  ];
  const body = {
    ...said,
    ...encodeTools(toolingOf(conversation, jsonTool)),
    ...encodeSampling(conversation.sampling, losses),
    ...Object.fromEntries(members.filter(([, value]) => value !== undefined)),
  };
  const form = answerFormOf(request.content(), conversation, jsonTool?.tool.name);
  return { body: JSON.stringify(body), losses: losses.list(), form };
}

interface Format {
  readonly responseFormat?: JsonObject;
  readonly jsonTool?: JsonTool;
}

/** Cohere takes no response format beside tools: there, the answer becomes the arguments of one more. */
function formatOf(conversation: Conversation): Format {
  const { tools, toolChoice, responseFormat } = conversation;
  if (tools.length === 0 || toolChoice?.kind === "none") {
    const encoded = encodeResponseFormat(responseFormat);
    return encoded === undefined ? {} : { responseFormat: encoded };
  }
  const jsonTool = jsonToolFor(conversation);
  return jsonTool === undefined ? {} : { jsonTool };
}

function toolingOf(
  { tools, toolChoice, responseFormat }: Conversation,
  jsonTool: JsonTool | undefined,
): Tooling {
  if (jsonTool !== undefined) return { tools: [...tools, jsonTool.tool], toolChoice: jsonTool.choice };
  // No tool may be called, and none may be told of beside a response format.
  if (toolChoice?.kind === "none" && responseFormat !== undefined && responseFormat.kind !== "text")
    return { tools: [] };
  return { tools, ...(toolChoice && { toolChoice }) };
}
