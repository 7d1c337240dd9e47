import type { Receipt, StreamEncoder } from "../../model/dialect.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import { NO_USAGE, type Usage } from "../../model/usage.ts";
import { BlockEncoder } from "./block-encoder.ts";
import { BlockQueue } from "./block-queue.ts";
import { messageIdFor, NO_STOP, type Stop, stopToWire } from "./message-head.ts";
import { eventBytes } from "./stream-event.ts";
import { deltaUsageToWire, usageToWire } from "./usage.ts";
import type { WireMessage } from "./wire.ts";

/** An encoder for one stream of a message (https://platform.claude.com/docs/en/build-with-claude/streaming). */
export function openStreamEncoder(request: InferenceRequest<"chat">): StreamEncoder {
  return new MessageStreamEncoder(request.model);
}

/**
 * `message_start` must name the input tokens, which most vendors tell last: it says what is known (mostly 0), and
 * `message_delta` gives the true sums, which clients take over. Of several choices the first is told.
 */
class MessageStreamEncoder implements StreamEncoder {
  readonly #blocks = new BlockEncoder();
  readonly #queue = new BlockQueue(this.#blocks);
  #id: string | undefined;
  #model: string;
  #serviceTier: string | undefined;
  #usage: Usage | undefined;
  #hasStarted = false;
  #stop: Stop = {};

  constructor(model: string) {
    this.#model = model;
  }

  encode(event: StreamEvent): string {
    switch (event.type) {
      case "start":
        this.#id ??= event.id;
        this.#model = event.model ?? this.#model;
        this.#serviceTier ??= event.serviceTier;
        return "";
      case "usage":
        this.#usage = event.usage;
        return "";
      case "finish":
        return event.choice === 0 ? this.#finish(event) : "";
      case "block-start":
      case "block-delta":
      case "block-end":
      case "signature":
      case "citation":
        return event.choice === 0 ? this.#started(this.#queue.take(event)) : "";
      // An error leaves by encodeStreamError; log probabilities and another dialect's own events mean nothing here.
      case "token-probabilities":
      case "error":
      case "unknown":
        return "";
    }
  }

  close(receipt: Receipt): string {
    const rest = this.#queue.close();
    const usage = deltaUsageToWire(this.#usage ?? receipt.usage);
    const delta = stopToWire(this.#stop, this.#blocks.hasRefusal);
    const ending = eventBytes("message_delta", { type: "message_delta", delta, usage });
    return this.#started(`${rest}${ending}${eventBytes("message_stop", { type: "message_stop" })}`);
  }

  #finish({ reason, rawReason, stopSequence }: Extract<StreamEvent, { type: "finish" }>): string {
    this.#stop = {
      finishReason: reason,
      rawFinishReason: rawReason,
      ...(stopSequence !== undefined && { stopSequence }),
    };
    return this.#started(this.#queue.close());
  }

  /** The message begins with its first block, since until then its id and model may still come. */
  #started(said: string): string {
    if (this.#hasStarted || said === "") return said;
    this.#hasStarted = true;
    const message: WireMessage = {
      id: this.#id ?? messageIdFor(crypto.randomUUID()),
      type: "message",
      role: "assistant",
      model: this.#model,
      content: [],
      ...NO_STOP,
      diagnostics: null,
      usage: usageToWire(
        { ...(this.#usage ?? NO_USAGE), outputTokens: 0, reasoningTokens: 0 },
        this.#serviceTier,
      ),
    };
    return eventBytes("message_start", { type: "message_start", message }) + said;
  }
}
