import type { StreamDecoder } from "../../model/dialect.ts";
import type { JsonObject } from "../../model/json.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import { brokenOff } from "../failure/broken-off.ts";
import { failureFromWire, isFailure } from "../openai-chat/stream-failure.ts";
import { JsonStreamDecoder } from "../stream/json-stream-decoder.ts";
import { CompletionDecoder } from "./completion-decoder.ts";

/** A decoder for one completion stream. */
export function openStreamDecoder(): StreamDecoder {
  return new CompletionStreamDecoder();
}

/** Ends with `[DONE]`; a stream whose choices all have their finish reason counts as complete too. */
class CompletionStreamDecoder extends JsonStreamDecoder {
  readonly #decoder = new CompletionDecoder();

  protected decode(payload: JsonObject, event: string | undefined): readonly StreamEvent[] {
    if (event === "error" || isFailure(payload)) return this.fail(failureFromWire(payload));
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
    if (isWhole) return this.finish();
    return this.fail(brokenOff("The provider's stream ended before the completion was whole."));
  }
}
