import type { AnswerForm, StreamDecoder } from "../../model/dialect.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import { isJsonObject } from "../../model/json.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import { adaptStream } from "../translation/adapt-answer.ts";
import { GenerationDecoder } from "./generation-decoder.ts";
import { objectOf } from "./members.ts";
import { failureFromWire, isFailure, notAnAnswer } from "./stream-failure.ts";

/** What some compatible servers end their streams with; Google ends them without a word. */
const DONE = "[DONE]";
const NOTHING: readonly StreamEvent[] = Object.freeze([]);
const KNOWN = ["usageMetadata", "promptFeedback"];

/** A decoder for one stream of streamGenerateContent (https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent). */
export function openStreamDecoder(form: AnswerForm): StreamDecoder {
  return adaptStream(new GenerationStreamDecoder(), form);
}

/**
 * The stream is whole where each candidate has said why it ended; its end is otherwise an interruption. After a failure
 * nothing more is given, whatever still comes.
 */
class GenerationStreamDecoder implements StreamDecoder {
  readonly #decoder = new GenerationDecoder();
  #ended = false;

  get ended(): boolean {
    return this.#ended;
  }

  step(data: string): readonly StreamEvent[] {
    if (this.#ended || data === "") return NOTHING;
    if (data.trim() === DONE) return this.end();
    let payload: unknown;
    try {
      payload = JSON.parse(data);
    } catch {
      return this.#fail(notAnAnswer("The provider's stream holds an event that is not JSON."));
    }
    if (!isJsonObject(payload)) return [{ type: "unknown", raw: payload }];
    if (isFailure(payload)) return this.#fail(failureFromWire(payload));
    const chunk = payload;
    const isKnown = Array.isArray(chunk["candidates"]) || KNOWN.some((name) => objectOf(chunk, name));
    if (!isKnown) return [{ type: "unknown", raw: payload }];
    const events = this.#decoder.decode(chunk);
    if (this.#decoder.failed) this.#ended = true;
    return events;
  }

  end(): readonly StreamEvent[] {
    if (this.#ended) return NOTHING;
    this.#ended = true;
    if (this.#decoder.isFinished) return this.#decoder.close();
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
