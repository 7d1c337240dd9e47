import type { AnswerForm, StreamDecoder } from "../../model/dialect.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import { isJsonObject } from "../../model/json.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import { adaptStream } from "../translation/adapt-answer.ts";
import { MessageDecoder } from "./message-decoder.ts";
import { failureFromWire, isFailure, notAnAnswer } from "./stream-failure.ts";

const NOTHING: readonly StreamEvent[] = Object.freeze([]);

/** A decoder for one stream of a message (https://platform.claude.com/docs/en/build-with-claude/streaming). */
export function openStreamDecoder(form: AnswerForm): StreamDecoder {
  return adaptStream(new MessageStreamDecoder(), form);
}

/** The stream is complete with `message_stop`, and with nothing else. After that or a failure nothing more is given. */
class MessageStreamDecoder implements StreamDecoder {
  readonly #decoder = new MessageDecoder();
  #ended = false;

  get ended(): boolean {
    return this.#ended;
  }

  step(data: string, event: string | undefined): readonly StreamEvent[] {
    if (this.#ended || data === "") return NOTHING;
    let payload: unknown;
    try {
      payload = JSON.parse(data);
    } catch {
      return this.#fail(notAnAnswer("The provider's stream holds an event that is not JSON."));
    }
    if (!isJsonObject(payload)) return [{ type: "unknown", raw: payload }];
    if (event === "error" || isFailure(payload)) return this.#fail(failureFromWire(payload));
    if (payload["type"] === "message_stop") return this.#complete();
    return this.#decoder.decodeEvent(payload) ?? [{ type: "unknown", raw: payload }];
  }

  end(): readonly StreamEvent[] {
    if (this.#ended) return NOTHING;
    const message = this.#decoder.hasContent
      ? "The provider's stream ended before the answer was complete."
      : "The provider's stream ended without an answer.";
    return this.#fail(new GatewayError("upstream_interrupted", { errorClass: "server", message }));
  }

  #complete(): readonly StreamEvent[] {
    if (!this.#decoder.isFinished) return this.end();
    this.#ended = true;
    return NOTHING;
  }

  #fail(error: GatewayError): readonly StreamEvent[] {
    this.#ended = true;
    return [{ type: "error", error }];
  }
}
