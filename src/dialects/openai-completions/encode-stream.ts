import type { Receipt, StreamEncoder } from "../../model/dialect.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import { isJsonObject } from "../../model/json.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import type { TokenProbability } from "../../model/token-probability.ts";
import type { Usage } from "../../model/usage.ts";
import { usageToWire } from "../openai-chat/usage.ts";
import { isText } from "./blocks/text.ts";
import { encodeTokenProbabilities } from "./blocks/token-probabilities.ts";
import { echoOf } from "./encode-response.ts";
import { finishReasonToWire } from "./finish-reason.ts";
import type { WireChoice } from "./wire.ts";

/** An encoder for one completion stream (https://platform.openai.com/docs/api-reference/completions). */
export function openStreamEncoder(request: InferenceRequest<"chat">): StreamEncoder {
  const options = request.original?.body?.["stream_options"];
  const wantsUsage = isJsonObject(options) && options["include_usage"] === true;
  return new CompletionStreamEncoder(request.model, echoOf(request), wantsUsage);
}

class CompletionStreamEncoder implements StreamEncoder {
  readonly #echo: string;
  readonly #wantsUsage: boolean;
  /** Length of each choice's text so far: a choice that is not here has not begun. */
  readonly #lengths = new Map<number, number>();
  readonly #texts = new Set<string>();
  #head: { id?: string; created?: number; model: string };
  #usage: Usage | undefined;

  constructor(model: string, echo: string, wantsUsage: boolean) {
    this.#head = { model };
    this.#echo = echo;
    this.#wantsUsage = wantsUsage;
  }

  encode(event: StreamEvent): string {
    switch (event.type) {
      case "start":
        if (event.id !== undefined) this.#head.id ??= event.id;
        if (event.createdAtS !== undefined) this.#head.created ??= event.createdAtS;
        this.#head.model = event.model ?? this.#head.model;
        return "";
      case "block-start":
        if (isText(event.block)) this.#texts.add(keyOf(event));
        return "";
      case "block-delta":
        return this.#texts.has(keyOf(event)) ? this.#text(event.choice, event.text) : "";
      case "token-probabilities":
        return this.#texts.has(keyOf(event)) ? this.#weigh(event.choice, event.tokens) : "";
      case "finish":
        return this.#text(event.choice, "", finishReasonToWire(event.reason));
      case "usage":
        this.#usage = event.usage;
        return "";
      default:
        return "";
    }
  }

  close(receipt: Receipt): string {
    const usage = usageToWire(this.#usage ?? receipt.usage);
    const last = this.#wantsUsage ? this.#event([], { usage }) : "";
    return `${last}data: [DONE]\n\n`;
  }

  #text(choice: number, said: string, finish: WireChoice["finish_reason"] = null): string {
    const before = this.#lengths.get(choice);
    const text = before === undefined ? this.#echo + said : said;
    this.#lengths.set(choice, (before ?? 0) + text.length);
    if (text === "" && finish === null) return "";
    return this.#event([{ text, index: choice, logprobs: null, finish_reason: finish }]);
  }

  /** They come behind the text that they are of. */
  #weigh(choice: number, tokens: readonly TokenProbability[]): string {
    const length = tokens.reduce((sum, { token }) => sum + token.length, 0);
    const offset = Math.max(0, (this.#lengths.get(choice) ?? 0) - length);
    const logprobs = encodeTokenProbabilities(tokens, offset);
    return this.#event([{ text: "", index: choice, logprobs, finish_reason: null }]);
  }

  #event(choices: readonly WireChoice[], rest: object = this.#wantsUsage ? { usage: null } : {}): string {
    this.#head.id ??= `cmpl-${crypto.randomUUID()}`;
    this.#head.created ??= Math.floor(Date.now() / 1000);
    const { id, created, model } = this.#head;
    return `data: ${JSON.stringify({ id, object: "text_completion", created, choices, model, ...rest })}\n\n`;
  }
}

function keyOf({ choice, index }: { readonly choice: number; readonly index: number }): string {
  return `${choice}.${index}`;
}
