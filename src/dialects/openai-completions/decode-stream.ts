import type { StreamDecoder } from "../../model/dialect.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import { isJsonObject } from "../../model/json.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import { failureFromWire, isFailure, notAnAnswer } from "../openai-chat/stream-failure.ts";
import { CompletionDecoder } from "./completion-decoder.ts";

const DONE = "[DONE]";
const NOTHING: readonly StreamEvent[] = Object.freeze([]);

/** A decoder for one completion stream. */
export function openStreamDecoder(): StreamDecoder {
  return new CompletionStreamDecoder();
}

/** Ends with `[DONE]`; a stream whose choices all have their finish reason counts as complete too. */
class CompletionStreamDecoder implements StreamDecoder {
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
    const events = this.#decoder.decode(payload);
    if (this.#decoder.failed) this.#ended = true;
    return events;
  }

  end(): readonly StreamEvent[] {
    return this.#ended ? NOTHING : this.#complete(this.#decoder.isFinished);
  }

  #complete(isWhole: boolean): readonly StreamEvent[] {
    this.#ended = true;
    if (isWhole) return NOTHING;
    const message = "The provider's stream ended before the completion was whole.";
    return this.#fail(new GatewayError("upstream_interrupted", { errorClass: "server", message }));
  }

  #fail(error: GatewayError): readonly StreamEvent[] {
    this.#ended = true;
    return [{ type: "error", error }];
  }
}
