import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import { numberMember, textMember } from "../json/members.ts";
import { readReasoning } from "./blocks/reasoning.ts";
import { readRefusal } from "./blocks/refusal.ts";
import { ChoiceBlocks } from "./choice-blocks.ts";
import { decodeContent } from "./content.ts";
import { finishReasonFromWire } from "./finish-reason.ts";
import { failureOfFinish } from "./stream-failure.ts";
import { ToolCallDecoder } from "./tool-call-decoder.ts";
import { readUsage } from "./usage.ts";

/** More answers at once no provider gives; a greater index would make folding fill a list up to it. */
const MAX_CHOICES = 128;

/** One choice while it arrives. */
interface ArrivingChoice {
  readonly blocks: ChoiceBlocks;
  readonly toolCalls: ToolCallDecoder;
  finished: boolean;
}

/**
 * Turns chat completion objects into events: chunks of a stream one after another, or a whole answer as if it were the
 * only chunk (https://platform.openai.com/docs/api-reference/chat/streaming). Nothing in them is relied upon: what has
 * another form than documented is passed over.
 */
export class CompletionDecoder {
  #events: StreamEvent[] = [];
  #id: string | undefined;
  #model: string | undefined;
  #createdAtS: number | undefined;
  #started = false;
  #failed = false;
  readonly #choices = new Map<number, ArrivingChoice>();
  readonly #emit = (event: StreamEvent): void => {
    this.#events.push(event);
  };

  /** True once a finish reason said that the generation failed. */
  get failed(): boolean {
    return this.#failed;
  }

  /** True where every choice that began has finished, and at least one did. */
  get isFinished(): boolean {
    return this.#choices.size > 0 && [...this.#choices.values()].every((choice) => choice.finished);
  }

  /** True where anything of an answer has come. */
  get hasContent(): boolean {
    return [...this.#choices.values()].some((choice) => choice.finished || !choice.blocks.isEmpty);
  }

  /** The events of one chunk or whole answer. */
  decode(chunk: JsonObject): readonly StreamEvent[] {
    this.#decodeHead(chunk);
    const choices = chunk["choices"];
    if (Array.isArray(choices)) {
      for (let at = 0; at < choices.length; at++) this.#decodeChoice(choices[at], at);
    }
    const usage = readUsage(chunk["usage"]) ?? readUsage(groqUsage(chunk));
    if (usage !== undefined) this.#emit({ type: "usage", usage });
    return this.#take();
  }

  /** Ends what is open. A choice that the provider left without a reason is finished with none. */
  close(): readonly StreamEvent[] {
    for (const [index, choice] of this.#choices) {
      if (!choice.finished && !choice.blocks.isEmpty) this.#finish(index, choice, "");
      choice.toolCalls.finish();
      choice.blocks.closeAll();
    }
    return this.#take();
  }

  #take(): readonly StreamEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Azure's first chunk has no id and no model yet, so what is missing may still come later. */
  #decodeHead(chunk: JsonObject): void {
    const id = this.#id === undefined ? textMember(chunk, "id") : undefined;
    const model = this.#model === undefined ? textMember(chunk, "model") : undefined;
    const createdAtS =
      this.#createdAtS === undefined ? numberMember(chunk, "created") || undefined : undefined;
    this.#id ??= id;
    this.#model ??= model;
    this.#createdAtS ??= createdAtS;
    if (this.#started && id === undefined && model === undefined && createdAtS === undefined) return;
    this.#started = true;
    this.#emit({
      type: "start",
      ...(id !== undefined && { id }),
      ...(model !== undefined && { model }),
      ...(createdAtS !== undefined && { createdAtS: Math.trunc(createdAtS) }),
    });
  }

  #decodeChoice(choice: unknown, at: number): void {
    if (!isJsonObject(choice)) return;
    const { index = at } = choice;
    if (typeof index !== "number" || !Number.isInteger(index) || index < 0 || index >= MAX_CHOICES) return;
    const arriving = this.#choiceAt(index);
    const content = arrivedContent(choice, arriving);
    if (content !== undefined) decodeDelta(content, arriving);
    const reason = textMember(choice, "finish_reason");
    if (reason !== undefined && !arriving.finished) this.#finish(index, arriving, reason);
  }

  #finish(index: number, choice: ArrivingChoice, rawReason: string): void {
    choice.finished = true;
    choice.toolCalls.finish();
    choice.blocks.closeAll();
    const reason = finishReasonFromWire(rawReason);
    if (reason !== "failed") {
      this.#emit({ type: "finish", choice: index, reason, rawReason });
    } else if (!this.#failed) {
      this.#failed = true;
      this.#emit({ type: "error", error: failureOfFinish(rawReason) });
    }
  }

  #choiceAt(index: number): ArrivingChoice {
    const known = this.#choices.get(index);
    if (known !== undefined) return known;
    const blocks = new ChoiceBlocks(index, this.#emit);
    const makeId = (ordinal: number): string => `call_${(this.#id ?? "").slice(0, 64)}_${index}_${ordinal}`;
    const choice: ArrivingChoice = {
      blocks,
      toolCalls: new ToolCallDecoder(blocks, makeId),
      finished: false,
    };
    this.#choices.set(index, choice);
    return choice;
  }
}

/** Some servers send the whole message so far beside each delta, or a whole message alone as a stream's one event. */
function arrivedContent(choice: JsonObject, arriving: ArrivingChoice): JsonObject | undefined {
  const { delta, message } = choice;
  if (isJsonObject(delta)) return delta;
  return isJsonObject(message) && arriving.blocks.isEmpty ? message : undefined;
}

/** Reasoning first: a whole message has all at once, and that is the order in which it came about. */
function decodeDelta(delta: JsonObject, { blocks, toolCalls }: ArrivingChoice): void {
  blocks.append("reasoning", readReasoning(delta));
  const { content } = delta;
  if (typeof content === "string") blocks.append("text", content);
  else {
    for (const part of decodeContent(content) ?? []) {
      if (part.kind === "text" || part.kind === "reasoning" || part.kind === "refusal")
        blocks.append(part.kind, part.text);
    }
  }
  blocks.append("refusal", readRefusal(delta));
  toolCalls.decode(delta);
}

/** Groq's streams: `x_groq.usage` of the last chunk (https://console.groq.com/docs/api-reference). */
function groqUsage(chunk: JsonObject): unknown {
  const extra = chunk["x_groq"];
  return isJsonObject(extra) ? extra["usage"] : undefined;
}
