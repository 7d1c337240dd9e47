import type { Receipt, StreamEncoder } from "../../model/dialect.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import { isJsonObject } from "../../model/json.ts";
import type { BlockStart, StreamEvent } from "../../model/stream-event.ts";
import type { Usage } from "../../model/usage.ts";
import { encodeToolCallArguments, encodeToolCallStart } from "./blocks/tool-call.ts";
import { finishReasonToWire } from "./finish-reason.ts";
import { usageToWire } from "./usage.ts";
import type { WireDelta, WireFinishReason } from "./wire.ts";

/** An encoder for one chat completion stream (https://platform.openai.com/docs/api-reference/chat/streaming). */
export function openStreamEncoder(request: InferenceRequest): StreamEncoder {
  return new ChatStreamEncoder(request.model, wantsUsage(request));
}

/** OpenAI sends usage only to a client that asked for it. */
function wantsUsage(request: InferenceRequest): boolean {
  const options = request.conversation().extensions["openai-chat"]?.["stream_options"];
  return isJsonObject(options) && options["include_usage"] === true;
}

/** A block that has begun, as far as its deltas depend on it. */
interface OpenBlock {
  readonly kind: BlockStart["kind"];
  /** Among the tool calls of its choice. */
  readonly toolIndex: number;
  isEmpty: boolean;
}

class OpenChoice {
  hasRole = false;
  toolCalls = 0;
  readonly blocks = new Map<number, OpenBlock>();
}

class ChatStreamEncoder implements StreamEncoder {
  readonly #wantsUsage: boolean;
  readonly #choices = new Map<number, OpenChoice>();
  #id: string | undefined;
  #model: string;
  #createdAtS: number | undefined;
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
        return "";
      case "block-start":
        return this.#begin(event.choice, event.index, event.block);
      case "block-delta":
        return this.#continue(event.choice, event.index, event.text);
      case "block-end":
        return this.#end(event.choice, event.index);
      case "finish":
        return this.#delta(event.choice, {}, finishReasonToWire(event.reason));
      case "usage":
        this.#usage = event.usage;
        return "";
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

  #begin(choice: number, index: number, block: BlockStart): string {
    const open = this.#choiceAt(choice);
    const isToolCall = block.kind === "tool-call";
    const toolIndex = isToolCall ? open.toolCalls++ : -1;
    open.blocks.set(index, { kind: block.kind, toolIndex, isEmpty: true });
    if (!isToolCall) return "";
    return this.#delta(choice, { tool_calls: [encodeToolCallStart(toolIndex, block.id, block.name)] });
  }

  #continue(choice: number, index: number, text: string): string {
    const block = this.#choiceAt(choice).blocks.get(index);
    if (block === undefined || text === "") return "";
    block.isEmpty = false;
    return this.#delta(choice, deltaOf(block, text));
  }

  /** Clients parse a tool call's arguments as JSON, so none at all is an empty object. */
  #end(choice: number, index: number): string {
    const blocks = this.#choiceAt(choice).blocks;
    const block = blocks.get(index);
    blocks.delete(index);
    return block?.kind === "tool-call" && block.isEmpty ? this.#delta(choice, deltaOf(block, "{}")) : "";
  }

  #delta(choice: number, delta: WireDelta, finishReason: WireFinishReason | null = null): string {
    const open = this.#choiceAt(choice);
    const whole = open.hasRole ? delta : withRole(delta);
    open.hasRole = true;
    const body = `{"index":${choice},"delta":${JSON.stringify(whole)},"logprobs":null,`;
    const tail = this.#wantsUsage ? `],"usage":null}` : "]}";
    return `data: ${this.#chunkHead()}[${body}"finish_reason":${JSON.stringify(finishReason)}}${tail}\n\n`;
  }

  /** The same for every chunk, so it is written once; what only came to be known later stays out. */
  #chunkHead(): string {
    if (this.#head !== "") return this.#head;
    const head = {
      id: this.#id ?? `chatcmpl-${crypto.randomUUID()}`,
      object: "chat.completion.chunk",
      created: this.#createdAtS ?? Math.floor(Date.now() / 1000),
      model: this.#model,
    };
    this.#head = `${JSON.stringify(head).slice(0, -1)},"choices":`;
    return this.#head;
  }

  #choiceAt(index: number): OpenChoice {
    const known = this.#choices.get(index);
    if (known !== undefined) return known;
    const choice = new OpenChoice();
    this.#choices.set(index, choice);
    return choice;
  }
}

/** As OpenAI does: content is null where a tool call comes first. */
function withRole(delta: WireDelta): WireDelta {
  return { role: "assistant", content: delta.tool_calls === undefined ? "" : null, ...delta };
}

function deltaOf(block: OpenBlock, text: string): WireDelta {
  switch (block.kind) {
    case "text":
      return { content: text };
    case "reasoning":
      return { reasoning_content: text };
    case "refusal":
      return { refusal: text };
    case "tool-call":
      return { tool_calls: [encodeToolCallArguments(block.toolIndex, text)] };
  }
}
