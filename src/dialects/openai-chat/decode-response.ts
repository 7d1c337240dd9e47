import type { AnswerForm } from "../../model/dialect.ts";
import { fold, type InferenceResponse } from "../../model/inference-response.ts";
import { isJsonObject } from "../../model/json.ts";
import { notAnAnswer } from "../failure/not-an-answer.ts";
import { adaptAnswer } from "../translation/adapt-answer.ts";
import { CompletionDecoder } from "./completion-decoder.ts";
import { failureFromWire, isFailure } from "./stream-failure.ts";

/** A whole answer. Throws where it is none, or an error under a status of success. */
export function decodeResponse(body: unknown, form: AnswerForm): InferenceResponse {
  if (!isJsonObject(body))
    throw notAnAnswer("The provider answered with something that is not a chat completion.");
  if (isFailure(body)) throw failureFromWire(body);
  const { choices } = body;
  if (!Array.isArray(choices) || choices.length === 0) {
    throw notAnAnswer(
      "The provider answered 200 with something that is not a chat completion (it has no `choices`).",
    );
  }
  const decoder = new CompletionDecoder();
  const events = decoder.decode(body);
  return fold(adaptAnswer([...events, ...decoder.close()], form));
}
