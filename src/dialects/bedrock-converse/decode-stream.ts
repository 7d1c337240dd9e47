import type { AnswerForm, StreamDecoder } from "../../model/dialect.ts";
import type { GatewayError } from "../../model/gateway-error.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import { brokenOff } from "../failure/broken-off.ts";
import { notAnAnswer } from "../failure/not-an-answer.ts";
import { numberMember, textMember } from "../json/members.ts";
import { adaptStream } from "../translation/adapt-answer.ts";
import { serviceTierOf } from "./decode-response.ts";
import { EXCEPTION } from "./event-stream/framing.ts";
import { MessageDecoder } from "./message-decoder.ts";
import { failureOfException } from "./stream-failure.ts";
import { readUsage } from "./usage.ts";

const NOTHING: readonly StreamEvent[] = [];

/**
 * A decoder for one answer of ConverseStream
 * (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html).
 */
export function openStreamDecoder(form: AnswerForm): StreamDecoder {
  return adaptStream(new ConverseStreamDecoder(), form);
}

/**
 * `messageStop` says why the answer ended, and `metadata`, which follows it, what it consumed: the stream is over once
 * both are here. One that ends without the former is an error; without the latter its usage is not known.
 */
class ConverseStreamDecoder implements StreamDecoder {
  #events: StreamEvent[] = [];
  readonly #message = new MessageDecoder((event) => this.#events.push(event));
  #stopped = false;
  #measured = false;
  #failed = false;

  get ended(): boolean {
    return this.#failed || (this.#stopped && this.#measured);
  }

  step(data: string, event = ""): readonly StreamEvent[] {
    if (this.ended) return NOTHING;
    const payload = parse(data);
    if (event.startsWith(EXCEPTION))
      return this.#fail(failureOfException(event.slice(EXCEPTION.length), payload));
    if (!isJsonObject(payload))
      return this.#fail(notAnAnswer("The provider's stream holds an event that is no JSON object."));
    this.#decode(event, payload);
    return this.#take();
  }

  end(): readonly StreamEvent[] {
    if (this.ended || this.#stopped) return NOTHING;
    const message = "The provider's stream ended without a stop reason: the answer is incomplete.";
    return this.#fail(brokenOff(message));
  }

  #decode(event: string, payload: JsonObject): void {
    const index = numberMember(payload, "contentBlockIndex") ?? 0;
    switch (event) {
      case "messageStart":
        this.#events.push({ type: "start" });
        break;
      case "contentBlockStart":
        if (isJsonObject(payload["start"])) this.#message.start(index, payload["start"]);
        break;
      case "contentBlockDelta":
        if (isJsonObject(payload["delta"])) this.#message.delta(index, payload["delta"]);
        break;
      case "contentBlockStop":
        this.#message.stop(index);
        break;
      case "messageStop":
        this.#stop(payload);
        break;
      case "metadata":
        this.#measure(payload);
        break;
      default:
        this.#events.push({ type: "unknown", raw: { [event]: payload } });
    }
  }

  #stop(payload: JsonObject): void {
    if (this.#stopped) return;
    this.#stopped = true;
    const fields = payload["additionalModelResponseFields"];
    if (!this.#message.finish(textMember(payload, "stopReason") ?? "", fields)) this.#failed = true;
  }

  #measure(payload: JsonObject): void {
    this.#measured = true;
    const tier = serviceTierOf(payload);
    if (tier.serviceTier !== undefined) this.#events.push({ type: "start", ...tier });
    const usage = readUsage(payload["usage"]);
    if (usage !== undefined) this.#events.push({ type: "usage", usage });
  }

  #fail(error: GatewayError): readonly StreamEvent[] {
    this.#failed = true;
    return [...this.#take(), { type: "error", error }];
  }

  #take(): readonly StreamEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
