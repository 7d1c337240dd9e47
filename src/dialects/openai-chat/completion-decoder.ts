import type { Citation } from "../../model/citation.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import { numberMember, textMember } from "../json/members.ts";
import { ArrivingEvents } from "../stream/arriving-events.ts";
import { readSources } from "./blocks/citation.ts";
import { ChoiceDecoder } from "./choice-decoder.ts";
import { failureOfFinish } from "./stream-failure.ts";
import { readUsage } from "./usage.ts";

/** More answers at once no provider gives; a greater index would make folding fill a list up to it. */
const MAX_CHOICES = 128;

/**
 * Turns chat completion objects into events: chunks of a stream one after another, or a whole answer as if it were the
 * only chunk (https://platform.openai.com/docs/api-reference/chat/streaming). Nothing in them is relied upon: what has
 * another form than documented is passed over.
 */
export class CompletionDecoder {
  readonly #events = new ArrivingEvents();
  #id: string | undefined;
  #model: string | undefined;
  #createdAtS: number | undefined;
  #serviceTier: string | undefined;
  #started = false;
  #sources: readonly Citation[] = [];
  readonly #choices = new Map<number, ChoiceDecoder>();

  /** True once a finish reason said that the generation failed. */
  get failed(): boolean {
    return this.#events.hasFailed;
  }

  /** True where every choice that began has finished, and at least one did. */
  get isFinished(): boolean {
    return this.#choices.size > 0 && [...this.#choices.values()].every((choice) => choice.isFinished);
  }

  /** True where anything of an answer has come. */
  get hasContent(): boolean {
    return [...this.#choices.values()].some((choice) => choice.hasContent);
  }

  /** The events of one chunk or whole answer. */
  decode(chunk: JsonObject): readonly StreamEvent[] {
    this.#decodeHead(chunk);
    const sources = readSources(chunk);
    if (sources.length > 0) this.#sources = sources;
    const choices = chunk["choices"];
    if (Array.isArray(choices)) {
      for (let at = 0; at < choices.length; at++) this.#decodeChoice(choices[at], at);
    }
    const usage = readUsage(chunk["usage"]) ?? readUsage(groqUsage(chunk));
    if (usage !== undefined) this.#events.add({ type: "usage", usage });
    return this.#events.take();
  }

  /** Ends what is open. A choice that the provider left without a reason is finished with none. */
  close(): readonly StreamEvent[] {
    for (const choice of this.#choices.values()) {
      if (!choice.isFinished && choice.hasContent) this.#finish(choice, "");
    }
    return this.#events.take();
  }

  /**
   * Azure's first chunk has no id and no model yet, so what is missing may still come later; the tier that was asked for
   * (`auto`) may yet become the one that served.
   */
  #decodeHead(chunk: JsonObject): void {
    const id = this.#id === undefined ? textMember(chunk, "id") : undefined;
    const model = this.#model === undefined ? textMember(chunk, "model") : undefined;
    const createdAtS =
      this.#createdAtS === undefined ? numberMember(chunk, "created") || undefined : undefined;
    const tier = textMember(chunk, "service_tier");
    const serviceTier = tier === this.#serviceTier ? undefined : tier;
    this.#id ??= id;
    this.#model ??= model;
    this.#createdAtS ??= createdAtS;
    this.#serviceTier = serviceTier ?? this.#serviceTier;
    const isNews = id ?? model ?? createdAtS ?? serviceTier;
    if (this.#started && isNews === undefined) return;
    this.#started = true;
    this.#events.add({
      type: "start",
      ...(id !== undefined && { id }),
      ...(model !== undefined && { model }),
      ...(createdAtS !== undefined && { createdAtS: Math.trunc(createdAtS) }),
      ...(serviceTier !== undefined && { serviceTier }),
    });
  }

  #decodeChoice(choice: unknown, at: number): void {
    if (!isJsonObject(choice)) return;
    const { index = at } = choice;
    if (typeof index !== "number" || !Number.isInteger(index) || index < 0 || index >= MAX_CHOICES) return;
    const arriving = this.#choiceAt(index);
    arriving.decode(choice);
    const reason = textMember(choice, "finish_reason");
    if (reason !== undefined && !arriving.isFinished) this.#finish(arriving, reason);
  }

  #finish(choice: ChoiceDecoder, rawReason: string): void {
    if (!choice.finish(rawReason, this.#sources)) this.#events.fail(failureOfFinish(rawReason));
  }

  #choiceAt(index: number): ChoiceDecoder {
    const known = this.#choices.get(index);
    if (known !== undefined) return known;
    const makeId = (ordinal: number): string => `call_${(this.#id ?? "").slice(0, 64)}_${index}_${ordinal}`;
    const choice = new ChoiceDecoder(index, this.#events.add, makeId);
    this.#choices.set(index, choice);
    return choice;
  }
}

/** Groq's streams: `x_groq.usage` of the last chunk (https://console.groq.com/docs/api-reference). */
function groqUsage(chunk: JsonObject): unknown {
  const extra = chunk["x_groq"];
  return isJsonObject(extra) ? extra["usage"] : undefined;
}
