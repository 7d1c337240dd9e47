import type { AnswerForm } from "../../model/dialect.ts";
import { fold, type InferenceResponse } from "../../model/inference-response.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import { notAnAnswer } from "../failure/not-an-answer.ts";
import { textMember } from "../json/members.ts";
import { adaptAnswer } from "../translation/adapt-answer.ts";
import { MessageDecoder } from "./message-decoder.ts";
import { readUsage } from "./usage.ts";

/**
 * A whole answer (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html, "Response Syntax").
 * Throws where it is none.
 */
export function decodeResponse(body: unknown, form: AnswerForm): InferenceResponse {
  const { content, answer } = readAnswer(body);
  const events: StreamEvent[] = [{ type: "start", ...serviceTierOf(answer) }];
  const decoder = new MessageDecoder((event) => events.push(event));
  content.forEach((block, index) => {
    if (isJsonObject(block)) decoder.block(index, block);
  });
  const usage = readUsage(answer["usage"]);
  if (usage !== undefined) events.push({ type: "usage", usage });
  decoder.finish(textMember(answer, "stopReason") ?? "", answer["additionalModelResponseFields"]);
  return fold(adaptAnswer(events, form));
}

/** The answer and its content. Throws where it has none. */
export function readAnswer(body: unknown): { answer: JsonObject; content: readonly unknown[] } {
  const output = isJsonObject(body) ? body["output"] : undefined;
  const message = isJsonObject(output) ? output["message"] : undefined;
  const content = isJsonObject(message) ? message["content"] : undefined;
  if (!isJsonObject(body) || !Array.isArray(content)) {
    throw notAnAnswer("The provider answered with something that is no answer of Converse.");
  }
  return { answer: body, content };
}

/** `serviceTier: {"type"}`, which tells what the answer was made by. */
export function serviceTierOf(holder: JsonObject): { readonly serviceTier?: string } {
  const tier = holder["serviceTier"];
  const serviceTier = isJsonObject(tier) ? textMember(tier, "type") : undefined;
  return serviceTier === undefined ? {} : { serviceTier };
}
