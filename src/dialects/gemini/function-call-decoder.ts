import type { Signature } from "../../model/signature.ts";
import type { ChoiceBlocks } from "../stream/choice-blocks.ts";
import type { FunctionCall } from "./blocks/function-call.ts";
import { PartialArguments } from "./blocks/partial-arguments.ts";

/** A call whose arguments come in pieces. */
interface StreamedCall {
  readonly block: number;
  readonly partial: PartialArguments;
}

/**
 * The calls of one candidate. Google sends a call whole; with `streamFunctionCallArguments` its name comes first, then
 * pieces without a name, and the last of them says by leaving out `willContinue` that it is the last.
 */
export class FunctionCallDecoder {
  readonly #blocks: ChoiceBlocks;
  readonly #makeId: (ordinal: number) => string;
  #streamed: StreamedCall | undefined;
  #count = 0;

  /** `makeId` names a call to which the provider gave no id. */
  constructor(blocks: ChoiceBlocks, makeId: (ordinal: number) => string) {
    this.#blocks = blocks;
    this.#makeId = makeId;
  }

  /** How many calls have begun. */
  get count(): number {
    return this.#count;
  }

  decode(call: FunctionCall, signature: Signature | undefined): void {
    if (call.name === undefined) this.#continue(call, signature);
    else this.#begin(call, call.name, signature);
  }

  /** Nothing more of the call under way comes, whether it said so or not. */
  end(): void {
    const streamed = this.#streamed;
    if (streamed === undefined) return;
    this.#streamed = undefined;
    this.#blocks.extend(streamed.block, streamed.partial.close());
    this.#blocks.close(streamed.block);
  }

  #begin(call: FunctionCall, name: string, signature: Signature | undefined): void {
    this.end();
    const id = call.id ?? this.#makeId(this.#count);
    this.#count++;
    const block = this.#blocks.open({ kind: "tool-call", id, name });
    if (signature !== undefined) this.#blocks.sign(block, signature);
    if (call.willContinue || call.partialArgs.length > 0) {
      this.#streamed = { block, partial: new PartialArguments() };
      this.#continue(call, undefined);
      return;
    }
    this.#blocks.extend(block, JSON.stringify(call.args ?? {}));
    this.#blocks.close(block);
  }

  #continue({ partialArgs, willContinue }: FunctionCall, signature: Signature | undefined): void {
    const streamed = this.#streamed;
    if (streamed === undefined) return;
    if (signature !== undefined) this.#blocks.sign(streamed.block, signature);
    this.#blocks.extend(streamed.block, partialArgs.map((piece) => streamed.partial.add(piece)).join(""));
    if (!willContinue) this.end();
  }
}
