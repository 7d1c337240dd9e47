import type { StreamDecoder } from "../../model/dialect.ts";
import type { GatewayError } from "../../model/gateway-error.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import { notAnAnswer } from "../failure/not-an-answer.ts";

/** OpenAI's word for a stream's end, which servers of other dialects borrow. */
const DONE = "[DONE]";

/** What gives no event. */
export const NOTHING: readonly StreamEvent[] = [];

/**
 * A decoder for streams whose events are JSON objects, which is what they have in common: after the end or a failure
 * nothing more is given, whatever still comes; what isn't JSON is a failure, and what is no object passes as unknown.
 */
export abstract class JsonStreamDecoder implements StreamDecoder {
  #ended = false;

  get ended(): boolean {
    return this.#ended;
  }

  step(data: string, event: string | undefined): readonly StreamEvent[] {
    if (this.#ended || data === "") return NOTHING;
    if (data.trim() === DONE) return this.done();
    let payload: unknown;
    try {
      payload = JSON.parse(data);
    } catch {
      return this.fail(notAnAnswer("The provider's stream holds an event that is not JSON."));
    }
    return isJsonObject(payload) ? this.decode(payload, event) : [{ type: "unknown", raw: payload }];
  }

  end(): readonly StreamEvent[] {
    return this.#ended ? NOTHING : this.close();
  }

  /** What an event means. */
  protected abstract decode(payload: JsonObject, event: string | undefined): readonly StreamEvent[];

  /** The provider closed the stream, which has not ended yet. */
  protected abstract close(): readonly StreamEvent[];

  /** The provider said `[DONE]`, which ends nothing where its dialect has another word for that. */
  protected done(): readonly StreamEvent[] {
    return NOTHING;
  }

  /** Nothing more is decoded; `last` is what is still to be given. */
  protected finish(last: readonly StreamEvent[] = NOTHING): readonly StreamEvent[] {
    this.#ended = true;
    return last;
  }

  protected fail(error: GatewayError): readonly StreamEvent[] {
    return this.finish([{ type: "error", error }]);
  }
}
