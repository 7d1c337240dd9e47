import type { AnswerForm, StreamDecoder } from "../../model/dialect.ts";
import type { GatewayError } from "../../model/gateway-error.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import { brokenOff } from "../failure/broken-off.ts";
import { JsonStreamDecoder } from "../stream/json-stream-decoder.ts";
import { adaptStream } from "../translation/adapt-answer.ts";
import { ResponseDecoder } from "./response-decoder.ts";
import { failureFromWire, isFailure } from "./stream-failure.ts";

/** A decoder for one stream (https://platform.openai.com/docs/api-reference/responses-streaming). */
export function openStreamDecoder(form: AnswerForm): StreamDecoder {
  return adaptStream(new ResponseStreamDecoder(), form);
}

/**
 * The stream ends with `response.completed`, `.incomplete` or `.failed`; nothing else is an end. Events that are not
 * known are passed over.
 */
class ResponseStreamDecoder extends JsonStreamDecoder {
  readonly #decoder = new ResponseDecoder();

  protected decode(payload: JsonObject, event: string | undefined): readonly StreamEvent[] {
    const type = typeof payload["type"] === "string" ? payload["type"] : (event ?? "");
    if (type === "error" || isFailure(payload)) return this.fail(failureFromWire(payload));
    return this.#decode(type, payload);
  }

  protected close(): readonly StreamEvent[] {
    return this.fail(
      brokenOff(
        this.#decoder.hasContent
          ? "The provider's stream ended before its response was complete."
          : "The provider's stream ended without an answer.",
      ),
    );
  }

  #decode(type: string, payload: JsonObject): readonly StreamEvent[] {
    switch (type) {
      case "response.created":
      case "response.in_progress":
      case "response.queued":
        if (isJsonObject(payload["response"])) this.#decoder.decodeHead(payload["response"]);
        break;
      case "response.output_item.added":
        this.#decoder.beginItem(payload);
        break;
      case "response.output_item.done":
        this.#decoder.endItem(payload);
        break;
      case "response.completed":
      case "response.incomplete":
      case "response.done":
        return this.#complete(type, payload);
      case "response.failed":
        return this.fail(failureFromWire(payload));
      case "response.cancelled":
        return this.fail(brokenOff("The provider cancelled its response."));
      default:
        if (!INSIDE_ITEMS.has(type)) return [{ type: "unknown", raw: payload }];
        this.#decoder.continueItem(type, payload);
    }
    return this.#decoder.takeEvents();
  }

  /** The name of the event says how it ended, where the response that it brings does not. */
  #complete(type: string, { response }: JsonObject): readonly StreamEvent[] {
    const told: JsonObject = isJsonObject(response) ? response : {};
    if (told["status"] === "failed") return this.fail(failureFromWire(told));
    const status = type === "response.incomplete" ? "incomplete" : "completed";
    const isTold = told["status"] === "completed" || told["status"] === "incomplete";
    this.#decoder.complete(isTold ? told : { ...told, status });
    return this.finish(this.#decoder.takeEvents());
  }

  protected override fail(error: GatewayError): readonly StreamEvent[] {
    return this.finish([...this.#decoder.takeEvents(), { type: "error", error }]);
  }
}

/** The events that tell of something inside an item; those of vendors' own tools tell nothing but that they go on. */
const INSIDE_ITEMS: ReadonlySet<string> = new Set([
  "response.content_part.added",
  "response.content_part.done",
  "response.output_text.delta",
  "response.output_text.done",
  "response.output_text.annotation.added",
  "response.refusal.delta",
  "response.refusal.done",
  "response.function_call_arguments.delta",
  "response.function_call_arguments.done",
  "response.custom_tool_call_input.delta",
  "response.custom_tool_call_input.done",
  "response.reasoning_summary_part.added",
  "response.reasoning_summary_part.done",
  "response.reasoning_summary_text.delta",
  "response.reasoning_summary_text.done",
  "response.reasoning_text.delta",
  "response.reasoning_text.done",
]);
