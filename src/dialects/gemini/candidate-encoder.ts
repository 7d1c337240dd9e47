import type { Citation } from "../../model/citation.ts";
import type { Signature } from "../../model/signature.ts";
import type { BlockStart, FinishEvent, StreamEvent } from "../../model/stream-event.ts";
import type { TokenProbability } from "../../model/token-probability.ts";
import { type CitedSource, encodeGrounding } from "./blocks/citation.ts";
import { encodeText, encodeThought } from "./blocks/text.ts";
import { citedSources, encodeBlock, isSaid } from "./encode-blocks.ts";
import { finishReasonToWire } from "./finish-reason.ts";
import type { JsonText } from "./json-text.ts";
import type { WireGrounding } from "./wire.ts";

/** What one chunk says of its candidate. */
export interface ChunkContent {
  readonly parts: readonly JsonText[];
  readonly tokens?: readonly TokenProbability[];
}

/** An event that belongs to a block. */
type BlockEvent = Extract<StreamEvent, { readonly index: number }>;

/** A block that has begun. A call is held until it is whole, since Google's clients know no other. */
interface OpenBlock {
  readonly block: BlockStart;
  /** Where its text begins in all that is said. */
  readonly offset: number;
  text: string;
  signature: Signature | undefined;
  readonly citations: Citation[];
}

/** Writes the parts of one candidate. */
export class CandidateEncoder {
  readonly #blocks = new Map<number, OpenBlock>();
  readonly #sources: CitedSource[] = [];
  #said = "";
  #finish: FinishEvent | undefined;

  /** The parts for an event; undefined where there are none to send yet. */
  encode(event: BlockEvent): ChunkContent | undefined {
    if (event.type === "block-start") return this.#begin(event.index, event.block);
    const open = this.#blocks.get(event.index);
    if (open === undefined) return undefined;
    switch (event.type) {
      case "block-delta":
        return this.#continue(open, event.text);
      case "signature":
        return sign(open, event.signature);
      case "citation":
        open.citations.push(event.citation);
        return undefined;
      case "token-probabilities":
        return { parts: [], tokens: event.tokens };
      case "block-end":
        this.#blocks.delete(event.index);
        return this.#end(open);
    }
  }

  /** Kept for the last chunk, which has the usage too. */
  finish(event: FinishEvent): void {
    this.#finish = event;
  }

  get finishReason(): string {
    return finishReasonToWire(this.#finish?.reason);
  }

  /** What all of it rests on. */
  grounding(): WireGrounding | undefined {
    return encodeGrounding(this.#sources, this.#said);
  }

  #begin(index: number, block: BlockStart): ChunkContent | undefined {
    this.#blocks.set(index, {
      block,
      offset: this.#said.length,
      text: "",
      signature: undefined,
      citations: [],
    });
    if (block.kind !== "image" && block.kind !== "other") return undefined;
    return partsOf(encodeBlock({ ...block, text: "" }));
  }

  #continue(open: OpenBlock, text: string): ChunkContent | undefined {
    if (text === "") return undefined;
    const { kind } = open.block;
    if (kind === "tool-call" || kind === "image" || kind === "other") {
      open.text += text;
      return undefined;
    }
    if (!isSaid(open.block)) return partsOf(encodeThought(text));
    this.#said += text;
    return partsOf(encodeText(text));
  }

  #end(open: OpenBlock): ChunkContent | undefined {
    const { block, text, signature, offset, citations } = open;
    if (citations.length > 0)
      this.#sources.push(...citedSources(citations, offset, this.#said.length - offset));
    if (block.kind !== "tool-call") return undefined;
    return partsOf(encodeBlock({ ...block, text, ...(signature && { signature }) }));
  }
}

/** A call's proof goes with the call; a text's stands on an empty part behind it, as Google sends it. */
function sign(open: OpenBlock, signature: Signature): ChunkContent | undefined {
  open.signature = signature;
  if (open.block.kind === "text") return partsOf(encodeText("", signature));
  return open.block.kind === "reasoning" ? partsOf(encodeThought("", signature)) : undefined;
}

function partsOf(part: JsonText | undefined): ChunkContent | undefined {
  return part === undefined ? undefined : { parts: [part] };
}
