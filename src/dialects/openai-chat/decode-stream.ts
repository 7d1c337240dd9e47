import type { AnswerForm, StreamDecoder } from "../../model/dialect.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import { brokenOff } from "../failure/broken-off.ts";
import { JsonStreamDecoder } from "../stream/json-stream-decoder.ts";
import { adaptStream } from "../translation/adapt-answer.ts";
import { CompletionDecoder } from "./completion-decoder.ts";
import { failureFromWire, isFailure } from "./stream-failure.ts";

/** A decoder for one chat completion stream (https://platform.openai.com/docs/api-reference/chat/streaming). */
export function openStreamDecoder(form: AnswerForm): StreamDecoder {
  return adaptStream(new ChatStreamDecoder(), form);
}

/**
 * The stream ends with `[DONE]`; some servers leave that out, so a stream whose choices all have their finish reason
 * counts as complete too.
 */
class ChatStreamDecoder extends JsonStreamDecoder {
  readonly #decoder = new CompletionDecoder();

  protected decode(payload: JsonObject, event: string | undefined): readonly StreamEvent[] {
    if (event === "error" || isFailure(payload)) return this.fail(failureFromWire(payload));
    if (!Array.isArray(payload["choices"]) && !isJsonObject(payload["usage"]))
      return [{ type: "unknown", raw: payload }];
    const events = this.#decoder.decode(payload);
    return this.#decoder.failed ? this.finish(events) : events;
  }

  protected override done(): readonly StreamEvent[] {
    return this.#complete(this.#decoder.hasContent);
  }

  protected close(): readonly StreamEvent[] {
    return this.#complete(this.#decoder.isFinished);
  }

  #complete(isWhole: boolean): readonly StreamEvent[] {
    if (isWhole) return this.finish(this.#decoder.close());
    return this.fail(
      brokenOff(
        this.#decoder.hasContent
          ? "The provider's stream ended without a finish reason: the answer is incomplete."
          : "The provider's stream ended without an answer.",
      ),
    );
  }
}
