import type { AnswerForm } from "../../model/dialect.ts";
import { fold, type InferenceResponse } from "../../model/inference-response.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import { notAnAnswer } from "../failure/not-an-answer.ts";
import { adaptAnswer } from "../translation/adapt-answer.ts";
import { ChatDecoder } from "./chat-decoder.ts";

/** A whole answer (https://docs.cohere.com/v2/reference/chat). Throws where it is none. */
export function decodeResponse(body: unknown, form: AnswerForm): InferenceResponse {
  const { answer, message } = readAnswer(body);
  const events: StreamEvent[] = [];
  const decoder = new ChatDecoder((event) => events.push(event));
  decoder.start(answer);
  decoder.content(message);
  decoder.weigh(answer["logprobs"]);
  decoder.cite(message["citations"]);
  const calls = message["tool_calls"];
  if (Array.isArray(calls)) {
    calls.forEach((call: unknown, index) => {
      decoder.startCall(index, call);
    });
  }
  decoder.finish(answer);
  return fold(adaptAnswer(events, form));
}

/** The answer and its message. Throws where it has none. */
export function readAnswer(body: unknown): { readonly answer: JsonObject; readonly message: JsonObject } {
  const message = isJsonObject(body) ? body["message"] : undefined;
  if (isJsonObject(body) && isJsonObject(message)) return { answer: body, message };
  throw notAnAnswer(
    "The provider answered with something that is no chat of Cohere's (it has no `message`).",
  );
}
