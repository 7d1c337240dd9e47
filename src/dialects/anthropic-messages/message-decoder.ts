import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import { textMember } from "../json/members.ts";
import { BlockDecoder } from "./block-decoder.ts";
import { finishReasonFromWire } from "./finish-reason.ts";
import { mergeUsage, tierFromWire, usageFromWire } from "./usage.ts";

/** Anthropic gives one answer. */
const CHOICE = 0;

/**
 * Turns a message into events: the events of a stream one after another, or a whole message as if its blocks came at
 * once (https://platform.claude.com/docs/en/build-with-claude/streaming). Nothing in it is relied upon: what has another
 * form than documented is passed over.
 */
export class MessageDecoder {
  #events: StreamEvent[] = [];
  readonly #blocks: BlockDecoder;
  #usage: JsonObject | undefined;
  #isFinished = false;

  constructor() {
    this.#blocks = new BlockDecoder(CHOICE, (event) => this.#events.push(event));
  }

  /** True once a stop reason has come. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** True where anything of an answer has come. */
  get hasContent(): boolean {
    return this.#isFinished || !this.#blocks.isEmpty;
  }

  /** The events of a whole message. */
  decodeWhole(message: JsonObject): readonly StreamEvent[] {
    this.#decodeHead(message);
    const { content } = message;
    for (const [index, block] of (Array.isArray(content) ? content : []).entries()) {
      if (!isJsonObject(block)) continue;
      this.#blocks.begin(index, block);
      this.#blocks.end(index);
    }
    this.#decodeStop(message);
    this.#noteUsage(message["usage"]);
    return this.#take();
  }

  /** The events of one event of a stream; undefined for a kind that is not known. */
  decodeEvent(event: JsonObject): readonly StreamEvent[] | undefined {
    if (!this.#decodeKnown(event)) return undefined;
    return this.#take();
  }

  #decodeKnown(event: JsonObject): boolean {
    switch (event["type"]) {
      case "message_start":
        if (isJsonObject(event["message"])) this.#decodeStart(event["message"]);
        return true;
      case "content_block_start":
        if (isJsonObject(event["content_block"])) this.#blocks.begin(indexOf(event), event["content_block"]);
        return true;
      case "content_block_delta":
        return isJsonObject(event["delta"]) && this.#blocks.continue(indexOf(event), event["delta"]);
      case "content_block_stop":
        this.#blocks.end(indexOf(event));
        return true;
      case "message_delta":
        if (isJsonObject(event["delta"])) this.#decodeStop(event["delta"]);
        this.#noteUsage(event["usage"]);
        return true;
      case "message_stop":
      case "ping":
        return true;
      default:
        return false;
    }
  }

  #decodeStart(message: JsonObject): void {
    this.#decodeHead(message);
    this.#noteUsage(message["usage"]);
  }

  #decodeHead(message: JsonObject): void {
    const id = textMember(message, "id");
    const model = textMember(message, "model");
    const serviceTier = tierFromWire(message["usage"]);
    this.#emit({
      type: "start",
      ...(id !== undefined && { id }),
      ...(model !== undefined && { model }),
      ...(serviceTier !== undefined && { serviceTier }),
    });
  }

  #decodeStop(stop: JsonObject): void {
    const rawReason = textMember(stop, "stop_reason");
    if (rawReason === undefined || this.#isFinished) return;
    this.#isFinished = true;
    const { stop_details: details } = stop;
    const explanation = isJsonObject(details) ? textMember(details, "explanation") : undefined;
    if (explanation !== undefined && rawReason === "refusal") this.#blocks.refuse(explanation);
    this.#blocks.endAll();
    const stopSequence = textMember(stop, "stop_sequence");
    this.#emit({
      type: "finish",
      choice: CHOICE,
      reason: finishReasonFromWire(rawReason),
      rawReason,
      ...(stopSequence !== undefined && { stopSequence }),
    });
  }

  /** Each report is the sum so far. */
  #noteUsage(reported: unknown): void {
    this.#usage = mergeUsage(this.#usage, reported);
    if (this.#usage !== undefined && isJsonObject(reported))
      this.#emit({ type: "usage", usage: usageFromWire(this.#usage) });
  }

  #emit(event: StreamEvent): void {
    this.#events.push(event);
  }

  #take(): readonly StreamEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}

function indexOf({ index }: JsonObject): number {
  return typeof index === "number" ? index : 0;
}
