import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { numberMember, textMember } from "../json/members.ts";
import type { AnswerBlocks } from "./answer-blocks.ts";
import { PARAGRAPH, readReasoningText, readSignature } from "./blocks/reasoning.ts";
import type { ItemDecoder } from "./item-decoder.ts";

/** Where the text of a reasoning item stands: summed up, or raw. */
type Source = "summary" | "content";

/**
 * A reasoning item of the answer: one block, its paragraphs one text. Of an item that shows its reasoning both raw and
 * summed up, the one that comes first is told. Its proof is whole only when the item is done.
 */
export class ReasoningDecoder implements ItemDecoder {
  readonly #blocks: AnswerBlocks;
  #block: number | undefined;
  #source: Source | undefined;
  #paragraph = 0;
  /** UTF-16 units that were given, of all and of the current paragraph. */
  #length = 0;
  #paragraphLength = 0;

  constructor(blocks: AnswerBlocks) {
    this.#blocks = blocks;
  }

  take(type: string, event: JsonObject): void {
    switch (type) {
      case "response.reasoning_summary_text.delta":
        this.#append("summary", event, textMember(event, "delta"));
        return;
      case "response.reasoning_text.delta":
        this.#append("content", event, textMember(event, "delta"));
        return;
      case "response.reasoning_summary_text.done":
        this.#complete("summary", event, textMember(event, "text"));
        return;
      case "response.reasoning_text.done":
        this.#complete("content", event, textMember(event, "text"));
        return;
      case "response.reasoning_summary_part.added":
      case "response.reasoning_summary_part.done": {
        const { part } = event;
        this.#complete("summary", event, isJsonObject(part) ? textMember(part, "text") : undefined);
        return;
      }
    }
  }

  done(item: JsonObject | undefined): void {
    if (item !== undefined) {
      const { content, summary } = item;
      const shown = this.#source === "summary" ? { summary } : { content, summary };
      this.#extend(readReasoningText(shown).slice(this.#length));
      const signature = readSignature(item);
      if (signature !== undefined) this.#blocks.sign(this.#begun(), signature);
    }
    if (this.#block !== undefined) this.#blocks.end(this.#block);
  }

  #append(source: Source, event: JsonObject, text: string | undefined): void {
    if (text === undefined || !this.#follows(source)) return;
    this.#turnTo(numberMember(event, source === "summary" ? "summary_index" : "content_index") ?? 0);
    this.#extend(text);
  }

  /** A paragraph as it stands by now: gives what no delta gave. */
  #complete(source: Source, event: JsonObject, text: string | undefined): void {
    if (text === undefined || !this.#follows(source)) return;
    const index = numberMember(event, source === "summary" ? "summary_index" : "content_index") ?? 0;
    if (index < this.#paragraph) return;
    this.#turnTo(index);
    this.#extend(text.slice(this.#paragraphLength));
  }

  #follows(source: Source): boolean {
    this.#source ??= source;
    return this.#source === source;
  }

  #turnTo(paragraph: number): void {
    if (paragraph === this.#paragraph) return;
    this.#paragraph = paragraph;
    if (this.#length > 0) this.#extend(PARAGRAPH);
    this.#paragraphLength = 0;
  }

  #extend(text: string): void {
    if (text === "") return;
    this.#length += text.length;
    this.#paragraphLength += text.length;
    this.#blocks.extend(this.#begun(), text);
  }

  #begun(): number {
    this.#block ??= this.#blocks.begin({ kind: "reasoning" });
    return this.#block;
  }
}
