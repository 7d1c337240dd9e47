import type { AnswerForm } from "../../model/dialect.ts";
import { fold, type InferenceResponse } from "../../model/inference-response.ts";
import { isJsonObject } from "../../model/json.ts";
import { notAnAnswer } from "../failure/not-an-answer.ts";
import { adaptAnswer } from "../translation/adapt-answer.ts";
import { GenerationDecoder } from "./generation-decoder.ts";
import { listOf, objectOf } from "./members.ts";
import { failureFromWire, isFailure } from "./stream-failure.ts";

/** A whole answer. Throws where it is none, or an error under a status of success. */
export function decodeResponse(body: unknown, form: AnswerForm): InferenceResponse {
  if (!isJsonObject(body))
    throw notAnAnswer("The provider answered with something that is not an answer of generateContent.");
  if (isFailure(body)) throw failureFromWire(body);
  if (listOf(body, "candidates").length === 0 && objectOf(body, "promptFeedback") === undefined) {
    throw notAnAnswer("The provider answered 200 with no candidates and no reason for their absence.");
  }
  const decoder = new GenerationDecoder();
  const events = decoder.decode(body);
  const response = fold(adaptAnswer([...events, ...decoder.close()], form));
  if (response.choices.length > 0 || response.error !== undefined) return response;
  throw notAnAnswer("The provider answered 200 with candidates that hold nothing.");
}
