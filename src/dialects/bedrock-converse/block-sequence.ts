import type { Citation } from "../../model/citation.ts";
import type { Signature } from "../../model/signature.ts";
import type { BlockStart, StreamEvent } from "../../model/stream-event.ts";

/** A block that has begun: where it stands in the answer, and what it is. */
export interface OpenBlock {
  readonly index: number;
  readonly kind: BlockStart["kind"];
}

/** Numbers the blocks of the one choice that Bedrock gives, and ends each that it began. */
export class BlockSequence {
  readonly #emit: (event: StreamEvent) => void;
  readonly #open = new Set<OpenBlock>();
  #next = 0;

  constructor(emit: (event: StreamEvent) => void) {
    this.#emit = emit;
  }

  begin(block: BlockStart): OpenBlock {
    const begun = { index: this.#next++, kind: block.kind };
    this.#open.add(begun);
    this.#emit({ type: "block-start", choice: 0, index: begun.index, block });
    return begun;
  }

  extend({ index }: OpenBlock, text: string): void {
    if (text !== "") this.#emit({ type: "block-delta", choice: 0, index, text });
  }

  sign({ index }: OpenBlock, signature: Signature): void {
    this.#emit({ type: "signature", choice: 0, index, signature });
  }

  cite({ index }: OpenBlock, citation: Citation): void {
    this.#emit({ type: "citation", choice: 0, index, citation });
  }

  end(block: OpenBlock): void {
    if (this.#open.delete(block)) this.#emit({ type: "block-end", choice: 0, index: block.index });
  }

  endAll(): void {
    for (const block of this.#open) this.end(block);
  }

  /** A block that comes whole. */
  put(block: BlockStart): void {
    this.end(this.begin(block));
  }
}
