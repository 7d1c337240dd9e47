import type { AnswerForm } from "../../model/dialect.ts";
import { fold, type InferenceResponse } from "../../model/inference-response.ts";
import { isJsonObject } from "../../model/json.ts";
import { notAnAnswer } from "../failure/not-an-answer.ts";
import { adaptAnswer } from "../translation/adapt-answer.ts";
import { MessageDecoder } from "./message-decoder.ts";
import { failureFromWire, isFailure } from "./stream-failure.ts";

/** A whole answer. Throws where it is none, or an error under a status of success. */
export function decodeResponse(body: unknown, form: AnswerForm): InferenceResponse {
  if (!isJsonObject(body)) throw notAnAnswer("The provider answered with something that is not a message.");
  if (isFailure(body)) throw failureFromWire(body);
  if (!Array.isArray(body["content"]))
    throw notAnAnswer(
      "The provider answered 200 with something that is not a message (it has no `content`).",
    );
  return fold(adaptAnswer(new MessageDecoder().decodeWhole(body), form));
}
