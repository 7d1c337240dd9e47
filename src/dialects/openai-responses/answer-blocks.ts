import type { Citation } from "../../model/citation.ts";
import type { Signature } from "../../model/signature.ts";
import type { BlockStart, StreamEvent } from "../../model/stream-event.ts";
import type { TokenProbability } from "../../model/token-probability.ts";

/** The blocks of an answer while its items arrive, several at a time: numbers them, and ends each once. */
export class AnswerBlocks {
  readonly #emit: (event: StreamEvent) => void;
  readonly #open = new Set<number>();
  #next = 0;

  constructor(emit: (event: StreamEvent) => void) {
    this.#emit = emit;
  }

  /** True until the first block begins. */
  get isEmpty(): boolean {
    return this.#next === 0;
  }

  begin(block: BlockStart): number {
    const index = this.#next++;
    this.#open.add(index);
    this.#emit({ type: "block-start", choice: 0, index, block });
    return index;
  }

  extend(index: number, text: string): void {
    if (text !== "" && this.#open.has(index)) this.#emit({ type: "block-delta", choice: 0, index, text });
  }

  sign(index: number, signature: Signature): void {
    if (this.#open.has(index)) this.#emit({ type: "signature", choice: 0, index, signature });
  }

  cite(index: number, citation: Citation): void {
    if (this.#open.has(index)) this.#emit({ type: "citation", choice: 0, index, citation });
  }

  weigh(index: number, tokens: readonly TokenProbability[]): void {
    if (tokens.length > 0 && this.#open.has(index))
      this.#emit({ type: "token-probabilities", choice: 0, index, tokens });
  }

  end(index: number): void {
    if (this.#open.delete(index)) this.#emit({ type: "block-end", choice: 0, index });
  }

  /** A block that comes whole. */
  put(block: BlockStart): void {
    this.end(this.begin(block));
  }

  endAll(): void {
    for (const index of [...this.#open].sort((one, other) => one - other)) this.end(index);
  }
}
