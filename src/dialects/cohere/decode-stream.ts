import type { AnswerForm, StreamDecoder } from "../../model/dialect.ts";
import type { GatewayError } from "../../model/gateway-error.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import { brokenOff } from "../failure/broken-off.ts";
import { toldFailure } from "../failure/told-failure.ts";
import { numberMember, textMember } from "../json/members.ts";
import { JsonStreamDecoder } from "../stream/json-stream-decoder.ts";
import { adaptStream } from "../translation/adapt-answer.ts";
import { ChatDecoder } from "./chat-decoder.ts";
import { decodeError } from "./decode-error.ts";

/** A decoder for one stream (https://docs.cohere.com/v2/docs/streaming). */
export function openStreamDecoder(form: AnswerForm): StreamDecoder {
  return adaptStream(new CohereStreamDecoder(), form);
}

/** `message-end` says why the answer ended and what it consumed: a stream that ends without it is an error. */
class CohereStreamDecoder extends JsonStreamDecoder {
  #events: StreamEvent[] = [];
  readonly #chat = new ChatDecoder((event) => this.#events.push(event));

  protected decode(payload: JsonObject): readonly StreamEvent[] {
    if (payload["type"] === undefined && payload["message"] !== undefined) return this.fail(refusal(payload));
    this.#decode(payload);
    return this.#chat.isFinished ? this.finish(this.#take()) : this.#take();
  }

  protected close(): readonly StreamEvent[] {
    return this.fail(
      brokenOff("The provider's stream ended without `message-end`: the answer is incomplete."),
    );
  }

  #decode(payload: JsonObject): void {
    const index = numberMember(payload, "index") ?? 0;
    const delta = isJsonObject(payload["delta"]) ? payload["delta"] : {};
    const message = isJsonObject(delta["message"]) ? delta["message"] : {};
    switch (payload["type"]) {
      case "message-start":
        this.#chat.start(payload);
        break;
      case "content-start":
      case "content-delta":
      case "tool-plan-delta":
        this.#chat.content(message);
        this.#chat.weigh(payload["logprobs"]);
        break;
      case "tool-call-start":
        this.#chat.startCall(index, message["tool_calls"]);
        break;
      case "tool-call-delta":
        this.#chat.continueCall(index, message["tool_calls"]);
        break;
      case "tool-call-end":
        this.#chat.endCall(index);
        break;
      case "citation-start":
        this.#chat.cite(message["citations"]);
        break;
      case "message-end":
        this.#chat.finish(delta);
        break;
      case "content-end":
      case "citation-end":
        break;
      default:
        this.#events.push({ type: "unknown", raw: payload });
    }
  }

  #take(): readonly StreamEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}

/** A refusal that comes as an event: no status is with it. */
function refusal(payload: JsonObject): GatewayError {
  const status = numberMember(payload, "status_code") ?? 500;
  const { errorClass } = decodeError(status, payload);
  const message = textMember(payload, "message");
  return toldFailure({ errorClass, ...(message !== undefined && { message }) });
}
