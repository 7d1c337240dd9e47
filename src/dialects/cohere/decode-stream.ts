import type { AnswerForm, StreamDecoder } from "../../model/dialect.ts";
import { CODE_OF_CLASS } from "../../model/error-class.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import { numberMember, textMember } from "../json/members.ts";
import { adaptStream } from "../translation/adapt-answer.ts";
import { ChatDecoder } from "./chat-decoder.ts";
import { decodeError } from "./decode-error.ts";
import { notAnAnswer } from "./stream-failure.ts";

const DONE = "[DONE]";
const NOTHING: readonly StreamEvent[] = Object.freeze([]);

/** A decoder for one stream (https://docs.cohere.com/v2/docs/streaming). */
export function openStreamDecoder(form: AnswerForm): StreamDecoder {
  return adaptStream(new CohereStreamDecoder(), form);
}

/** `message-end` says why the answer ended and what it consumed: a stream that ends without it is an error. */
class CohereStreamDecoder implements StreamDecoder {
  #events: StreamEvent[] = [];
  readonly #chat = new ChatDecoder((event) => this.#events.push(event));
  #failed = false;

  get ended(): boolean {
    return this.#failed || this.#chat.isFinished;
  }

  step(data: string): readonly StreamEvent[] {
    if (this.ended || data === "" || data.trim() === DONE) return NOTHING;
    let payload: unknown;
    try {
      payload = JSON.parse(data);
    } catch {
      return this.#fail(notAnAnswer("The provider's stream holds an event that is not JSON."));
    }
    if (!isJsonObject(payload)) return [{ type: "unknown", raw: payload }];
    if (payload["type"] === undefined && payload["message"] !== undefined)
      return this.#fail(refusal(payload));
    this.#decode(payload);
    return this.#take();
  }

  end(): readonly StreamEvent[] {
    if (this.ended) return NOTHING;
    const message = "The provider's stream ended without `message-end`: the answer is incomplete.";
    return this.#fail(new GatewayError("upstream_interrupted", { errorClass: "server", message }));
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

  #fail(error: GatewayError): readonly StreamEvent[] {
    this.#failed = true;
    return [{ type: "error", error }];
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
  const isSafe = message !== undefined && errorClass !== "auth";
  return new GatewayError(CODE_OF_CLASS[errorClass], isSafe ? { errorClass, message } : { errorClass });
}
