import type { Citation } from "../../model/citation.ts";
import type { Signature } from "../../model/signature.ts";
import type { BlockStart, StreamEvent } from "../../model/stream-event.ts";
import type { TokenProbability } from "../../model/token-probability.ts";

/** The kinds of block whose text comes in runs: more of the same kind continues the block. */
export type RunKind = "text" | "reasoning" | "refusal";

/** The blocks of one choice while they arrive: numbers them, and ends what it began. */
export class ChoiceBlocks {
  readonly #choice: number;
  readonly #emit: (event: StreamEvent) => void;
  #next = 0;
  #run: { readonly kind: RunKind; readonly index: number; isSigned: boolean } | undefined;
  #open: number[] = [];

  constructor(choice: number, emit: (event: StreamEvent) => void) {
    this.#choice = choice;
    this.#emit = emit;
  }

  /** True until the first block begins. */
  get isEmpty(): boolean {
    return this.#next === 0;
  }

  /** True where more text of that kind would continue the run, and not begin another. */
  continues(kind: RunKind): boolean {
    return this.#run?.kind === kind && !this.#run.isSigned;
  }

  /** More text of that kind: continues the run, or ends it and begins another. */
  append(kind: RunKind, text: string): void {
    if (text !== "") this.extend(this.#runOf(kind).index, text);
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

  /** A block that comes whole. */
  put(block: BlockStart): void {
    this.#endRun();
    const index = this.#begin(block);
    this.#emit({ type: "block-end", choice: this.#choice, index });
  }

  /** The proof of the reasoning that is under way, which it ends; without any, of reasoning that nobody is shown. */
  signReasoning(signature: Signature): void {
    this.sign(this.#runOf("reasoning").index, signature);
    this.#endRun();
  }

  /**
   * The proof of the run of text that is under way: it stays open for its sources, but more text begins another. Without
   * any, the proof is of reasoning that nobody is shown.
   */
  signText(signature: Signature): void {
    if (this.#run?.kind !== "text") {
      this.signReasoning(signature);
      return;
    }
    this.#run.isSigned = true;
    this.sign(this.#run.index, signature);
  }

  /** The proof of a block that is open. */
  sign(index: number, signature: Signature): void {
    this.#emit({ type: "signature", choice: this.#choice, index, signature });
  }

  /** A source of the run's text; a citation without text has nothing to stand with. */
  cite(citation: Citation): void {
    if (this.#run?.kind !== "text") return;
    this.#emit({ type: "citation", choice: this.#choice, index: this.#run.index, citation });
  }

  /** How probable the run's tokens were. */
  weigh(tokens: readonly TokenProbability[]): void {
    if (this.#run === undefined || tokens.length === 0) return;
    this.#emit({ type: "token-probabilities", choice: this.#choice, index: this.#run.index, tokens });
  }

  /** Ends one open block. */
  close(index: number): void {
    if (!this.#open.includes(index)) return;
    this.#open = this.#open.filter((open) => open !== index);
    this.#emit({ type: "block-end", choice: this.#choice, index });
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

  #runOf(kind: RunKind): { readonly index: number } {
    if (this.#run?.kind === kind && !this.#run.isSigned) return this.#run;
    this.#endRun();
    const run = { kind, index: this.#begin({ kind }), isSigned: false };
    this.#run = run;
    return run;
  }

  #endRun(): void {
    if (this.#run === undefined) return;
    this.#emit({ type: "block-end", choice: this.#choice, index: this.#run.index });
    this.#run = undefined;
  }
}
