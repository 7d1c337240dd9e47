import type { BlockStart, StreamEvent } from "../../model/stream-event.ts";

/** The kinds of block whose text comes in runs: more of the same kind continues the block. */
export type RunKind = "text" | "reasoning" | "refusal";

/** The blocks of one choice while they arrive: numbers them, and ends what it began. */
export class ChoiceBlocks {
  readonly #choice: number;
  readonly #emit: (event: StreamEvent) => void;
  #next = 0;
  #run: { readonly kind: RunKind; readonly index: number } | undefined;
  #open: number[] = [];

  constructor(choice: number, emit: (event: StreamEvent) => void) {
    this.#choice = choice;
    this.#emit = emit;
  }

  /** True until the first block begins. */
  get isEmpty(): boolean {
    return this.#next === 0;
  }

  /** More text of that kind: continues the run, or ends it and begins another. */
  append(kind: RunKind, text: string): void {
    if (text === "") return;
    if (this.#run?.kind !== kind) {
      this.#endRun();
      this.#run = { kind, index: this.#begin({ kind }) };
    }
    this.extend(this.#run.index, text);
  }

  /** Begins a block that stays open, beside others, until `closeAll`. */
  open(block: BlockStart): number {
    this.#endRun();
    const index = this.#begin(block);
    this.#open.push(index);
    return index;
  }

  /** More text of an open block. */
  extend(index: number, text: string): void {
    if (text !== "") this.#emit({ type: "block-delta", choice: this.#choice, index, text });
  }

  closeAll(): void {
    this.#endRun();
    for (const index of this.#open) this.#emit({ type: "block-end", choice: this.#choice, index });
    this.#open = [];
  }

  #begin(block: BlockStart): number {
    const index = this.#next++;
    this.#emit({ type: "block-start", choice: this.#choice, index, block });
    return index;
  }

  #endRun(): void {
    if (this.#run === undefined) return;
    this.#emit({ type: "block-end", choice: this.#choice, index: this.#run.index });
    this.#run = undefined;
  }
}
