import type { AnswerForm } from "../../model/dialect.ts";
import { fold, type InferenceResponse } from "../../model/inference-response.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { brokenOff } from "../failure/broken-off.ts";
import { notAnAnswer } from "../failure/not-an-answer.ts";
import { adaptAnswer } from "../translation/adapt-answer.ts";
import { ResponseDecoder } from "./response-decoder.ts";
import { failureFromWire, isFailure } from "./stream-failure.ts";

/** A whole answer. Throws where it is none, or one that failed, or has not come to its end. */
export function decodeResponse(body: unknown, form: AnswerForm): InferenceResponse {
  const response = checkResponse(body);
  const { status } = response;
  if (status === "in_progress" || status === "queued") {
    throw brokenOff(`The provider answered before its response was complete: it is ${status}.`);
  }
  const decoder = new ResponseDecoder();
  decoder.complete(response);
  return fold(adaptAnswer(decoder.takeEvents(), form));
}

/** The body as a response object. Throws `upstream_invalid_answer` where it is none, and the failure that it tells. */
export function checkResponse(body: unknown): JsonObject {
  if (!isJsonObject(body)) throw notAnAnswer("The provider answered with something that is not a response.");
  if (isFailure(body) || body["status"] === "failed") throw failureFromWire(body);
  if (body["status"] === "cancelled") throw brokenOff("The provider cancelled its response.");
  if (!Array.isArray(body["output"])) {
    throw notAnAnswer(
      "The provider answered 200 with something that is not a response (it has no `output`).",
    );
  }
  return body;
}
