import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import { numberMember, textMember } from "../json/members.ts";
import { finishReasonFromWire } from "../openai-chat/finish-reason.ts";
import { failureOfFinish } from "../openai-chat/stream-failure.ts";
import { readUsage } from "../openai-chat/usage.ts";
import { ArrivingEvents } from "../stream/arriving-events.ts";
import { ChoiceBlocks } from "../stream/choice-blocks.ts";
import { readTokenProbabilities } from "./blocks/token-probabilities.ts";

/** More answers at once no provider gives; a greater index would make folding fill a list up to it. */
const MAX_CHOICES = 128;

/** One choice while it arrives. */
interface ArrivingChoice {
  readonly blocks: ChoiceBlocks;
  finished: boolean;
}

/** Turns completion objects into events: those of a stream one after another, or a whole answer as its only one. */
export class CompletionDecoder {
  readonly #events = new ArrivingEvents();
  #started = false;
  readonly #choices = new Map<number, ArrivingChoice>();

  /** True once a finish reason said that the generation failed. */
  get failed(): boolean {
    return this.#events.hasFailed;
  }

  /** True where every choice that began has finished, and at least one did. */
  get isFinished(): boolean {
    return this.#choices.size > 0 && [...this.#choices.values()].every((choice) => choice.finished);
  }

  /** True where anything of an answer has come. */
  get hasContent(): boolean {
    return [...this.#choices.values()].some(({ blocks, finished }) => finished || !blocks.isEmpty);
  }

  decode(completion: JsonObject): readonly StreamEvent[] {
    this.#decodeHead(completion);
    const { choices } = completion;
    if (Array.isArray(choices)) for (const [at, choice] of choices.entries()) this.#decodeChoice(choice, at);
    const usage = readUsage(completion["usage"]);
    if (usage !== undefined) this.#events.add({ type: "usage", usage });
    return this.#events.take();
  }

  #decodeHead(completion: JsonObject): void {
    if (this.#started) return;
    this.#started = true;
    const id = textMember(completion, "id");
    const model = textMember(completion, "model");
    const createdAtS = numberMember(completion, "created");
    this.#events.add({
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
    if (arriving.finished) return;
    arriving.blocks.append("text", textMember(choice, "text") ?? "");
    arriving.blocks.weigh(readTokenProbabilities(choice["logprobs"]));
    const rawReason = textMember(choice, "finish_reason");
    if (rawReason !== undefined) this.#finish(index, arriving, rawReason);
  }

  #finish(index: number, arriving: ArrivingChoice, rawReason: string): void {
    arriving.finished = true;
    arriving.blocks.closeAll();
    const reason = finishReasonFromWire(rawReason);
    if (reason !== "failed") this.#events.add({ type: "finish", choice: index, reason, rawReason });
    else this.#events.fail(failureOfFinish(rawReason));
  }

  #choiceAt(index: number): ArrivingChoice {
    const known = this.#choices.get(index);
    if (known !== undefined) return known;
    const choice = { blocks: new ChoiceBlocks(index, this.#events.add), finished: false };
    this.#choices.set(index, choice);
    return choice;
  }
}
