import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { ObjectGrammar } from "../json/object-grammar.ts";
import { FREE_FORM_ARGUMENT } from "../translation/fit-tools.ts";

/**
 * Writes a call's arguments as the text of the object that they must be here, while they come. Models that aren't
 * Anthropic's break them at times, and Anthropic's SDKs give a stream up at the first character that no JSON has there. So
 * from such a character on the text is brought to its next legal end, and all that the model said stands in one more
 * member, `input`. Arguments that only break off, as at the limit of tokens, are left as they are, as Anthropic does.
 */
export class ToolInputWriter {
  readonly #grammar = new ObjectGrammar();
  #said = "";
  #isBroken = false;

  /** True once the arguments are a whole object, as the model said it. */
  get isWhole(): boolean {
    return !this.#isBroken && this.#grammar.isWhole;
  }

  /** What a further piece of the arguments adds to the text. */
  write(piece: string): string {
    if (this.#isBroken) return inString(piece);
    this.#said += piece;
    const taken = this.#grammar.read(piece);
    if (taken === piece.length) return piece;
    // What is said behind the whole object says nothing more about it.
    return piece.slice(0, taken) + (this.#grammar.isWhole ? "" : this.#break());
  }

  /** What is still to come when all was said. */
  end(): string {
    return this.#isBroken ? '"}' : "";
  }

  /** The object, as far as the text has it whole: as Anthropic's SDKs read a stream that ends there. */
  static read(text: string): JsonObject {
    if (text.trim() === "") return {};
    const writer = new ToolInputWriter();
    const written = writer.write(text) + writer.end();
    const { length, closers } = writer.#grammar.complete;
    const parsed: unknown = JSON.parse(writer.#isBroken ? written : written.slice(0, length) + closers);
    return isJsonObject(parsed) ? parsed : {};
  }

  #break(): string {
    this.#isBroken = true;
    const { text, isFirst } = this.#grammar.completion();
    return `${text}${isFirst ? "" : ","}${JSON.stringify(FREE_FORM_ARGUMENT)}:"${inString(this.#said)}`;
  }
}

function inString(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
