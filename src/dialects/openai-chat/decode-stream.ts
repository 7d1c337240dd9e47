import type { AnswerForm, StreamDecoder } from "../../model/dialect.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import { adaptStream } from "../translation/adapt-answer.ts";
import { CompletionDecoder } from "./completion-decoder.ts";
import { failureFromWire, isFailure, notAnAnswer } from "./stream-failure.ts";

const DONE = "[DONE]";
const NOTHING: readonly StreamEvent[] = Object.freeze([]);

/** A decoder for one chat completion stream (https://platform.openai.com/docs/api-reference/chat/streaming). */
export function openStreamDecoder(form: AnswerForm): StreamDecoder {
  return adaptStream(new ChatStreamDecoder(), form);
}

/**
 * The stream ends with `[DONE]`; some servers leave that out, so a stream whose choices all have their finish reason
 * counts as complete too. After the end or a failure nothing more is given, whatever still comes.
 */
class ChatStreamDecoder implements StreamDecoder {
  readonly #decoder = new CompletionDecoder();
  #ended = false;

  get ended(): boolean {
    return this.#ended;
  }

  step(data: string, event: string | undefined): readonly StreamEvent[] {
    if (this.#ended || data === "") return NOTHING;
    if (data.trim() === DONE) return this.#complete(this.#decoder.hasContent);
    let payload: unknown;
    try {
      payload = JSON.parse(data);
    } catch {
      return this.#fail(notAnAnswer("The provider's stream holds an event that is not JSON."));
    }
    if (!isJsonObject(payload)) return [{ type: "unknown", raw: payload }];
    if (event === "error" || isFailure(payload)) return this.#fail(failureFromWire(payload));
    return this.#decode(payload);
  }

  end(): readonly StreamEvent[] {
    return this.#ended ? NOTHING : this.#complete(this.#decoder.isFinished);
  }

  #decode(payload: JsonObject): readonly StreamEvent[] {
    if (!Array.isArray(payload["choices"]) && !isJsonObject(payload["usage"]))
      return [{ type: "unknown", raw: payload }];
    const events = this.#decoder.decode(payload);
    if (this.#decoder.failed) this.#ended = true;
    return events;
  }

  #complete(isWhole: boolean): readonly StreamEvent[] {
    this.#ended = true;
    if (isWhole) return this.#decoder.close();
    const message = this.#decoder.hasContent
      ? "The provider's stream ended without a finish reason: the answer is incomplete."
      : "The provider's stream ended without an answer.";
    return [
      { type: "error", error: new GatewayError("upstream_interrupted", { errorClass: "server", message }) },
    ];
  }

  #fail(error: GatewayError): readonly StreamEvent[] {
    this.#ended = true;
    return [{ type: "error", error }];
  }
}
