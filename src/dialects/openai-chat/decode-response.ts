import { isJsonObject } from "../../model/json.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import { CompletionDecoder } from "./completion-decoder.ts";
import { failureFromWire, isFailure, notAnAnswer } from "./stream-failure.ts";

/** A whole answer as events. Throws where it is none, or an error under a status of success. */
export function decodeResponse(body: unknown): readonly StreamEvent[] {
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
  return [...events, ...decoder.close()];
}
