import type { AnswerForm, StreamDecoder } from "../../model/dialect.ts";
import type { JsonObject } from "../../model/json.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import { brokenOff } from "../failure/broken-off.ts";
import { JsonStreamDecoder } from "../stream/json-stream-decoder.ts";
import { adaptStream } from "../translation/adapt-answer.ts";
import { GenerationDecoder } from "./generation-decoder.ts";
import { objectOf } from "./members.ts";
import { failureFromWire, isFailure } from "./stream-failure.ts";

const KNOWN = ["usageMetadata", "promptFeedback"];

/** A decoder for one stream of streamGenerateContent (https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent). */
export function openStreamDecoder(form: AnswerForm): StreamDecoder {
  return adaptStream(new GenerationStreamDecoder(), form);
}

/** The stream is whole where each candidate has said why it ended; its end is otherwise an interruption. */
class GenerationStreamDecoder extends JsonStreamDecoder {
  readonly #decoder = new GenerationDecoder();

  protected decode(payload: JsonObject): readonly StreamEvent[] {
    if (isFailure(payload)) return this.fail(failureFromWire(payload));
    const isKnown = Array.isArray(payload["candidates"]) || KNOWN.some((name) => objectOf(payload, name));
    if (!isKnown) return [{ type: "unknown", raw: payload }];
    const events = this.#decoder.decode(payload);
    return this.#decoder.failed ? this.finish(events) : events;
  }

  /** Google ends its streams without a word. */
  protected override done(): readonly StreamEvent[] {
    return this.close();
  }

  protected close(): readonly StreamEvent[] {
    if (this.#decoder.isFinished) return this.finish(this.#decoder.close());
    return this.fail(
      brokenOff(
        this.#decoder.hasContent
          ? "The provider's stream ended without a finish reason: the answer is incomplete."
          : "The provider's stream ended without an answer.",
      ),
    );
  }
}
