import { fold, type InferenceResponse } from "../../model/inference-response.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { notAnAnswer } from "../failure/not-an-answer.ts";
import { failureFromWire, isFailure } from "../openai-chat/stream-failure.ts";
import { CompletionDecoder } from "./completion-decoder.ts";

/** A whole answer. Throws where it is none, or an error under a status of success. */
export function decodeResponse(body: unknown): InferenceResponse {
  const decoder = new CompletionDecoder();
  return fold(decoder.decode(checkCompletion(body)));
}

/** The body as a completion. Throws `upstream_invalid_answer` where it is none, and the failure that it tells. */
export function checkCompletion(body: unknown): JsonObject {
  if (isJsonObject(body) && isFailure(body)) throw failureFromWire(body);
  const choices = isJsonObject(body) ? body["choices"] : undefined;
  if (isJsonObject(body) && Array.isArray(choices) && choices.length > 0) return body;
  throw notAnAnswer(
    "The provider answered 200 with something that is not a completion (it has no `choices`).",
  );
}
