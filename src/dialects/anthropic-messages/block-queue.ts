import type { StreamEvent } from "../../model/stream-event.ts";
import { ObjectGrammar } from "../json/object-grammar.ts";

/** An event of a block, as far as this dialect tells it. */
export type BlockEvent = Extract<
  StreamEvent,
  { type: "block-start" | "block-delta" | "block-end" | "signature" | "citation" }
>;

/** A block whose turn has not come, and what came of it. */
interface WaitingBlock {
  readonly index: number;
  readonly events: BlockEvent[];
}

/**
 * Puts the events of blocks one block after another, as this dialect has them; others (OpenAI with parallel tool calls)
 * leave several open at once. Only what comes for a later block while an earlier one is open waits, and a tool call
 * counts as over once its arguments are a whole JSON object and another block goes on.
 */
export class BlockQueue {
  readonly #tell: (event: BlockEvent) => string;
  #current: number | undefined;
  /** Undefined where they can't become whole. */
  #arguments: ObjectGrammar | undefined;
  #waiting: WaitingBlock[] = [];
  readonly #over = new Set<number>();

  constructor(tell: (event: BlockEvent) => string) {
    this.#tell = tell;
  }

  /** Takes an event, gives what can be told now. */
  take(event: BlockEvent): string {
    // What still comes for a block that is over (blanks behind its JSON) changes nothing.
    if (this.#over.has(event.index)) return "";
    if (this.#current === undefined) return event.type === "block-start" ? this.#begin(event) : "";
    if (event.index === this.#current) return this.#continue(event);
    const waiting = this.#waiting.find(({ index }) => index === event.index);
    if (waiting !== undefined) waiting.events.push(event);
    else if (event.type === "block-start") this.#waiting.push({ index: event.index, events: [event] });
    return this.#arguments?.isWhole === true ? this.#next() : "";
  }

  /** Ends what is open and tells all that waits. */
  close(): string {
    let told = "";
    while (this.#current !== undefined) told += this.#next();
    return told;
  }

  #begin(event: Extract<BlockEvent, { type: "block-start" }>): string {
    this.#current = event.index;
    const { block } = event;
    const isCall = block.kind === "tool-call" && block.freeForm !== true;
    this.#arguments = isCall ? new ObjectGrammar() : undefined;
    return this.#tell(event);
  }

  #continue(event: BlockEvent): string {
    if (event.type === "block-end") return this.#next();
    if (event.type === "block-delta") this.#read(event.text);
    const told = this.#tell(event);
    const isOver = this.#waiting.length > 0 && this.#arguments?.isWhole === true;
    return isOver ? told + this.#next() : told;
  }

  #read(text: string): void {
    const taken = this.#arguments?.isWhole === false ? this.#arguments.read(text) : text.length;
    if (taken < text.length && this.#arguments?.isWhole === false) this.#arguments = undefined;
  }

  /** Ends the current block, and tells of those that wait as far as they go. */
  #next(): string {
    const ended = this.#current;
    if (ended === undefined) return "";
    this.#current = undefined;
    this.#over.add(ended);
    let told = this.#tell({ type: "block-end", choice: 0, index: ended });
    const waiting = this.#waiting.shift();
    for (const event of waiting?.events ?? []) told += this.take(event);
    return told;
  }
}
