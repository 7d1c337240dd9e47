import type { StreamEvent } from "../../model/stream-event.ts";

/** An event of a block, as far as this dialect tells it. */
export type BlockEvent = Extract<
  StreamEvent,
  { type: "block-start" | "block-delta" | "block-end" | "signature" | "citation" }
>;

/** Writes blocks one after another. */
export interface BlockWriter {
  /** True where the block under way is a tool call whose arguments are a whole JSON object. */
  readonly hasWholeInput: boolean;
  encode(event: BlockEvent): string;
}

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
  readonly #writer: BlockWriter;
  #current: number | undefined;
  #waiting: WaitingBlock[] = [];
  readonly #over = new Set<number>();

  constructor(writer: BlockWriter) {
    this.#writer = writer;
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
    return this.#writer.hasWholeInput ? this.#next() : "";
  }

  /** Ends what is open and tells all that waits. */
  close(): string {
    let told = "";
    while (this.#current !== undefined) told += this.#next();
    return told;
  }

  #begin(event: Extract<BlockEvent, { type: "block-start" }>): string {
    this.#current = event.index;
    return this.#writer.encode(event);
  }

  #continue(event: BlockEvent): string {
    if (event.type === "block-end") return this.#next();
    const told = this.#writer.encode(event);
    const isOver = this.#waiting.length > 0 && this.#writer.hasWholeInput;
    return isOver ? told + this.#next() : told;
  }

  /** Ends the current block, and tells of those that wait as far as they go. */
  #next(): string {
    const ended = this.#current;
    if (ended === undefined) return "";
    this.#current = undefined;
    this.#over.add(ended);
    let told = this.#writer.encode({ type: "block-end", choice: 0, index: ended });
    const waiting = this.#waiting.shift();
    for (const event of waiting?.events ?? []) told += this.take(event);
    return told;
  }
}
