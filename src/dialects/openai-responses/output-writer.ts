import type { Citation } from "../../model/citation.ts";
import type { Signature } from "../../model/signature.ts";
import type { BlockStart, StreamEvent } from "../../model/stream-event.ts";
import { boundToCall } from "./blocks/call-signature.ts";
import { CallWriter } from "./call-writer.ts";
import { type Emit, MessageWriter, type Stretch } from "./message-writer.ts";
import type { NamespacedName } from "./namespaces.ts";
import { imageItem, reasoningItem, vendorItem } from "./output-items.ts";
import { ReasoningWriter } from "./reasoning-writer.ts";
import type { WireItem, WireItemStatus } from "./wire.ts";

/** An event that belongs to a block. */
type BlockEvent = Extract<StreamEvent, { readonly index: number }>;

/** A block that has begun. */
type OpenBlock =
  | {
      readonly kind: "text" | "refusal";
      stretch: Stretch | undefined;
      length: number;
      readonly held: Citation[];
    }
  | { readonly kind: "reasoning"; writer: ReasoningWriter | undefined }
  | { readonly kind: "tool-call"; readonly writer: CallWriter }
  | { readonly kind: "told" };

/**
 * Writes the blocks of an answer as output items, and says each step as the documented events
 * (https://platform.openai.com/docs/api-reference/responses-streaming). A whole answer is written by the same steps
 * with nobody listening, so that both forms say the same. Each item is begun when there is something in it.
 */
export class OutputWriter {
  readonly #emit: Emit;
  readonly #names: ReadonlyMap<string, NamespacedName>;
  readonly #idBase = crypto.randomUUID().replaceAll("-", "");
  readonly #blocks = new Map<number, OpenBlock>();
  readonly #items: (WireItem | undefined)[] = [];
  #message: { readonly writer: MessageWriter; readonly index: number } | undefined;
  #hasRefusal = false;

  /** `names` are those of tools inside namespaces. */
  constructor(emit: Emit, names: ReadonlyMap<string, NamespacedName>) {
    this.#emit = emit;
    this.#names = names;
  }

  get hasRefusal(): boolean {
    return this.#hasRefusal;
  }

  /** The items that are finished, in their order. */
  get output(): readonly WireItem[] {
    return this.#items.filter((item) => item !== undefined);
  }

  take(event: BlockEvent): void {
    if (event.type === "block-start") {
      this.#blocks.set(event.index, this.#begin(event.block));
      return;
    }
    const block = this.#blocks.get(event.index);
    if (block === undefined) return;
    switch (event.type) {
      case "block-delta":
        this.#continue(block, event.text);
        return;
      case "signature":
        this.#sign(block, event.signature);
        return;
      case "citation":
        this.#cite(block, event.citation);
        return;
      case "token-probabilities":
        if (block.kind === "text") this.#messageFor(block).weigh(this.#stretchOf(block).part, event.tokens);
        return;
      case "block-end":
        this.#blocks.delete(event.index);
        this.#end(block, "completed");
        return;
    }
  }

  /** Ends all that is open. */
  end(status: WireItemStatus): void {
    for (const block of this.#blocks.values()) this.#end(block, status);
    this.#blocks.clear();
    this.#endMessage(status);
  }

  #begin(block: BlockStart): OpenBlock {
    switch (block.kind) {
      case "text":
      case "refusal":
        return { kind: block.kind, stretch: undefined, length: 0, held: [] };
      case "reasoning":
        return { kind: "reasoning", writer: undefined };
      case "tool-call":
        return { kind: "tool-call", writer: new CallWriter(this.#emit, block, this.#names) };
      case "image":
        this.#put("ig", (id) => imageItem(id, block));
        return { kind: "told" };
      case "other":
        if (block.dialect === "openai-responses") this.#put("item", (id) => vendorItem(id, block.value));
        return { kind: "told" };
    }
  }

  #continue(block: OpenBlock, text: string): void {
    if (text === "") return;
    switch (block.kind) {
      case "text":
      case "refusal":
        this.#hasRefusal ||= block.kind === "refusal";
        this.#messageFor(block).append(this.#stretchOf(block).part, text);
        block.length += text.length;
        return;
      case "reasoning":
        this.#reasoningOf(block).append(text);
        return;
      case "tool-call":
        this.#beginCall(block.writer);
        block.writer.append(text);
        return;
      case "told":
        return;
    }
  }

  #sign(block: OpenBlock, signature: Signature): void {
    if (block.kind === "reasoning") this.#reasoningOf(block).signature = signature;
    if (block.kind !== "tool-call") return;
    const proof = boundToCall(signature, block.writer.callId);
    this.#put("rs", (id) => reasoningItem(id, "", proof));
  }

  /** What a citation of the whole block is about is known when the block ends. */
  #cite(block: OpenBlock, citation: Citation): void {
    if (block.kind !== "text") return;
    if (citation.end === undefined || block.stretch === undefined) block.held.push(citation);
    else this.#message?.writer.cite(block.stretch, citation, block.length);
  }

  #end(block: OpenBlock, status: WireItemStatus): void {
    switch (block.kind) {
      case "text":
        this.#citeHeld(block);
        return;
      case "reasoning":
        if (block.writer !== undefined) this.#items[block.writer.outputIndex] = block.writer.end();
        return;
      case "tool-call":
        this.#beginCall(block.writer);
        this.#items[block.writer.outputIndex] = block.writer.end(status);
        return;
      case "refusal":
      case "told":
        return;
    }
  }

  /** A citation of no text, or of a text whose message has ended, has nothing to stand with. */
  #citeHeld({ stretch, held, length }: Extract<OpenBlock, { readonly kind: "text" | "refusal" }>): void {
    const writer = this.#message?.writer;
    if (writer === undefined || stretch === undefined || !writer.holds(stretch.part)) return;
    for (const citation of held) writer.cite(stretch, citation, length);
  }

  /** The message that the block's text goes into. One that something else has ended is not taken up again. */
  #messageFor(block: Extract<OpenBlock, { readonly kind: "text" | "refusal" }>): MessageWriter {
    if (this.#message === undefined) {
      const index = this.#reserve();
      this.#message = { writer: new MessageWriter(this.#emit, this.#idOf("msg", index), index), index };
    }
    const { writer } = this.#message;
    if (block.stretch === undefined || !writer.holds(block.stretch.part)) {
      block.stretch = writer.stretch(block.kind);
      block.length = 0;
    }
    return writer;
  }

  #stretchOf({ stretch }: Extract<OpenBlock, { readonly kind: "text" | "refusal" }>): Stretch {
    if (stretch === undefined) throw new Error("a block has no place in a message yet");
    return stretch;
  }

  #reasoningOf(block: Extract<OpenBlock, { readonly kind: "reasoning" }>): ReasoningWriter {
    if (block.writer !== undefined) return block.writer;
    this.#endMessage("completed");
    const index = this.#reserve();
    block.writer = new ReasoningWriter(this.#emit, this.#idOf("rs", index), index);
    return block.writer;
  }

  #beginCall(writer: CallWriter): void {
    if (writer.hasBegun) return;
    this.#endMessage("completed");
    const index = this.#reserve();
    writer.begin(this.#idOf(writer.idPrefix, index), index);
  }

  /** An item that comes whole. */
  #put(idPrefix: string, itemOf: (id: string) => WireItem | undefined): void {
    const index = this.#items.length;
    const item = itemOf(this.#idOf(idPrefix, index));
    if (item === undefined) return;
    this.#endMessage("completed");
    this.#items.push(item);
    this.#emit("response.output_item.added", { output_index: index, item });
    this.#emit("response.output_item.done", { output_index: index, item });
  }

  #endMessage(status: WireItemStatus): void {
    if (this.#message === undefined) return;
    const { writer, index } = this.#message;
    this.#message = undefined;
    this.#items[index] = writer.end(status);
  }

  #reserve(): number {
    return this.#items.push(undefined) - 1;
  }

  #idOf(prefix: string, index: number): string {
    return `${prefix}_${this.#idBase}${index}`;
  }
}
