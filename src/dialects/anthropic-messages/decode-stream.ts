import type { AnswerForm, StreamDecoder } from "../../model/dialect.ts";
import type { JsonObject } from "../../model/json.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import { brokenOff } from "../failure/broken-off.ts";
import { JsonStreamDecoder } from "../stream/json-stream-decoder.ts";
import { adaptStream } from "../translation/adapt-answer.ts";
import { MessageDecoder } from "./message-decoder.ts";
import { failureFromWire, isFailure } from "./stream-failure.ts";

/** A decoder for one stream of a message (https://platform.claude.com/docs/en/build-with-claude/streaming). */
export function openStreamDecoder(form: AnswerForm): StreamDecoder {
  return adaptStream(new MessageStreamDecoder(), form);
}

/** The stream is complete with `message_stop`, and with nothing else. */
class MessageStreamDecoder extends JsonStreamDecoder {
  readonly #decoder = new MessageDecoder();

  protected decode(payload: JsonObject, event: string | undefined): readonly StreamEvent[] {
    if (event === "error" || isFailure(payload)) return this.fail(failureFromWire(payload));
    if (payload["type"] === "message_stop") return this.#decoder.isFinished ? this.finish() : this.close();
    return this.#decoder.decodeEvent(payload) ?? [{ type: "unknown", raw: payload }];
  }

  protected close(): readonly StreamEvent[] {
    return this.fail(
      brokenOff(
        this.#decoder.hasContent
          ? "The provider's stream ended before the answer was complete."
          : "The provider's stream ended without an answer.",
      ),
    );
  }
}
