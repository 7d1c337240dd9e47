import { FEW_BYTES_PER_TOKEN } from "../../dialects/stream/bytes-per-token.ts";
import { roughTokens } from "../../model/rough-tokens.ts";
import type { StartEvent, StreamEvent } from "../../model/stream-event.ts";

/** What is kept of an answer while it comes is bounded; a longer one is not gone on with. */
const MAX_CHARACTERS = 512 * 1024;

/**
 * What a client has been given of an answer, as far as another model could go on with it: one run of text. Anything else
 * (a tool call, reasoning, a citation, a second answer) can't be told to another model as its own beginning, so from
 * there on the answer is one that can't be gone on with. Takes each event that the client was given, in order.
 */
export class AnswerSoFar {
  #start: StartEvent = { type: "start" };
  #text = "";
  #events = 0;
  #isText = true;
  #open: number | undefined;
  #next = 0;

  note(event: StreamEvent): void {
    if (!this.#isText) return;
    switch (event.type) {
      case "start":
        this.#start = { ...event, ...this.#start };
        break;
      case "block-start":
        if (event.choice !== 0 || event.block.kind !== "text" || this.#next > 0) this.#spoil();
        else this.#begin(event.index);
        break;
      case "block-delta":
        this.#append(event.text);
        break;
      case "block-end":
        this.#open = undefined;
        break;
      case "signature":
      case "citation":
      case "finish":
      // What can't be read may have been text.
      case "error":
        this.#spoil();
        break;
      case "usage":
      case "token-probabilities":
      case "unknown":
        break;
    }
  }

  /** True once something came that no other model can go on with: nothing changes that any more. */
  get isSpoiled(): boolean {
    return !this.#isText;
  }

  /** True while all of it is text that another model can go on with. */
  get isContinuable(): boolean {
    return this.#isText && this.#text.trim() !== "";
  }

  get text(): string {
    return this.#text;
  }

  /** The block that more text belongs to; undefined where it was ended. */
  get openBlock(): number | undefined {
    return this.#open;
  }

  /** The number of the next block. */
  get nextBlock(): number {
    return this.#next;
  }

  /** About how many tokens it has: most providers send one an event, some send many. */
  get tokens(): number {
    return Math.max(this.#events, roughTokens(this.#text.length));
  }

  /** The same, rather too many than too few. */
  get tokensHigh(): number {
    return Math.max(this.#events, Math.ceil(this.#text.length / FEW_BYTES_PER_TOKEN));
  }

  /** Events that come to the same, for whoever must know what was said and said it not. */
  events(): readonly StreamEvent[] {
    const of = { choice: 0, index: this.#next - 1 };
    return [
      this.#start,
      { type: "block-start", block: { kind: "text" }, ...of },
      { type: "block-delta", text: this.#text, ...of },
      ...(this.#open === undefined ? [{ type: "block-end", ...of } as const] : []),
    ];
  }

  #begin(index: number): void {
    this.#open = index;
    this.#next = index + 1;
  }

  #append(text: string): void {
    this.#text += text;
    this.#events++;
    if (this.#text.length > MAX_CHARACTERS) this.#spoil();
  }

  #spoil(): void {
    this.#isText = false;
    this.#text = "";
  }
}
