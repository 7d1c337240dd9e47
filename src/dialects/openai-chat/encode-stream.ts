import type { Receipt, StreamEncoder } from "../../model/dialect.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import { isJsonObject } from "../../model/json.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import type { Usage } from "../../model/usage.ts";
import { encodeTokenProbabilities } from "./blocks/token-probabilities.ts";
import { ChoiceEncoder, type ChunkContent } from "./choice-encoder.ts";
import { finishReasonToWire } from "./finish-reason.ts";
import { encodeServiceTier } from "./service-tier.ts";
import { usageToWire } from "./usage.ts";

/** An encoder for one chat completion stream (https://platform.openai.com/docs/api-reference/chat/streaming). */
export function openStreamEncoder(request: InferenceRequest<"chat">): StreamEncoder {
  return new ChatStreamEncoder(request.model, wantsUsage(request));
}

/** OpenAI sends usage only to a client that asked for it. */
function wantsUsage(request: InferenceRequest<"chat">): boolean {
  const options = request.content().extensions["openai-chat"]?.["stream_options"];
  return isJsonObject(options) && options["include_usage"] === true;
}

class ChatStreamEncoder implements StreamEncoder {
  readonly #wantsUsage: boolean;
  readonly #choices = new Map<number, ChoiceEncoder>();
  #id: string | undefined;
  #model: string;
  #createdAtS: number | undefined;
  #serviceTier: string | undefined;
  #head = "";
  #usage: Usage | undefined;

  constructor(model: string, wantsUsage: boolean) {
    this.#model = model;
    this.#wantsUsage = wantsUsage;
  }

  encode(event: StreamEvent): string {
    switch (event.type) {
      case "start":
        this.#id ??= event.id;
        this.#model = event.model ?? this.#model;
        this.#createdAtS ??= event.createdAtS;
        this.#noteTier(event.serviceTier);
        return "";
      case "finish":
        return this.#chunk(event.choice, { delta: {}, finishReason: finishReasonToWire(event.reason) });
      case "usage":
        this.#usage = event.usage;
        return "";
      case "block-start":
      case "block-delta":
      case "block-end":
      case "signature":
      case "citation":
      case "token-probabilities":
        return this.#chunk(event.choice, this.#choiceAt(event.choice).encode(event));
      // An error leaves by encodeStreamError; another dialect's own events mean nothing here.
      case "error":
      case "unknown":
        return "";
    }
  }

  close(receipt: Receipt): string {
    const usage = JSON.stringify(usageToWire(this.#usage ?? receipt.usage));
    const chunk = this.#wantsUsage ? `data: ${this.#chunkHead()}[],"usage":${usage}}\n\n` : "";
    return `${chunk}data: [DONE]\n\n`;
  }

  #chunk(choice: number, content: ChunkContent | undefined): string {
    if (content === undefined) return "";
    const { delta, tokens, finishReason = null } = content;
    const whole = JSON.stringify(this.#choiceAt(choice).withRole(delta));
    const logprobs = tokens === undefined ? "null" : JSON.stringify(logProbabilities(tokens));
    const body = `{"index":${choice},"delta":${whole},"logprobs":${logprobs},`;
    const tail = this.#wantsUsage ? `],"usage":null}` : "]}";
    return `data: ${this.#chunkHead()}[${body}"finish_reason":${JSON.stringify(finishReason)}}${tail}\n\n`;
  }

  /** The tier that was asked for (`auto`) comes first, and the one that served it last. */
  #noteTier(serviceTier: string | undefined): void {
    if (serviceTier === undefined || serviceTier === this.#serviceTier) return;
    this.#serviceTier = serviceTier;
    this.#head = "";
  }

  /** The same for every chunk, so it is written once. */
  #chunkHead(): string {
    if (this.#head !== "") return this.#head;
    this.#id ??= `chatcmpl-${crypto.randomUUID()}`;
    this.#createdAtS ??= Math.floor(Date.now() / 1000);
    const head = {
      id: this.#id,
      object: "chat.completion.chunk",
      created: this.#createdAtS,
      model: this.#model,
      ...encodeServiceTier(this.#serviceTier),
    };
    this.#head = `${JSON.stringify(head).slice(0, -1)},"choices":`;
    return this.#head;
  }

  #choiceAt(index: number): ChoiceEncoder {
    const known = this.#choices.get(index);
    if (known !== undefined) return known;
    const choice = new ChoiceEncoder();
    this.#choices.set(index, choice);
    return choice;
  }
}

function logProbabilities({ kind, tokens }: NonNullable<ChunkContent["tokens"]>): object {
  const entries = encodeTokenProbabilities(tokens);
  return kind === "refusal" ? { content: null, refusal: entries } : { content: entries, refusal: null };
}
