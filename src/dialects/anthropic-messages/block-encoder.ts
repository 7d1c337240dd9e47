import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { Signature } from "../../model/signature.ts";
import type { BlockStart } from "../../model/stream-event.ts";
import { carrySignature } from "../translation/carried-signature.ts";
import { FREE_FORM_ARGUMENT } from "../translation/fit-tools.ts";
import type { BlockEvent, BlockWriter } from "./block-queue.ts";
import { encodeCitation } from "./blocks/citation.ts";
import { imageAsText } from "./blocks/image.ts";
import { encodePartSignature } from "./blocks/part-signature.ts";
import { encodeReasoningBlock } from "./blocks/reasoning.ts";
import { encodeTextBlock } from "./blocks/text.ts";
import { encodeToolCallBlock } from "./blocks/tool-call.ts";
import { eventBytes } from "./stream-event.ts";
import { ToolInputWriter } from "./tool-input-writer.ts";
import type { WireBlock, WireDelta } from "./wire.ts";

/** The block under way. */
interface OpenBlock {
  readonly block: BlockStart;
  /** Whether `content_block_start` has been told: an empty text, or reasoning that may be redacted, begins late. */
  isTold: boolean;
  /** Whether anything of a free-form call's input has been told. */
  hasInput?: boolean;
  /** Of a call to a function, once its arguments have begun. */
  input?: ToolInputWriter;
  /** Proof of a text or call, which stands behind its block. */
  signature?: Signature;
}

/** Writes the blocks of a message one after another, numbered as they are told. */
export class BlockEncoder implements BlockWriter {
  #open: OpenBlock | undefined;
  #index = 0;
  #hasRefusal = false;

  /** True once the model has refused in words. */
  get hasRefusal(): boolean {
    return this.#hasRefusal;
  }

  /** True where the block under way is a call to a function whose arguments are a whole object. */
  get hasWholeInput(): boolean {
    return this.#open?.input?.isWhole ?? false;
  }

  encode(event: BlockEvent): string {
    if (event.type === "block-start") return this.#begin(event.block);
    const open = this.#open;
    if (open === undefined) return "";
    switch (event.type) {
      case "block-delta":
        return this.#continue(open, event.text);
      case "citation":
        if (open.block.kind !== "text") return "";
        return this.#tell(open, { type: "citations_delta", citation: encodeCitation(event.citation) });
      case "signature":
        return this.#sign(open, event.signature);
      case "block-end":
        return this.#end(open);
    }
  }

  #begin(block: BlockStart): string {
    this.#open = { block, isTold: false };
    switch (block.kind) {
      case "tool-call":
        return this.#start(this.#open, encodeToolCallBlock({ ...block, text: "" }));
      case "image":
        return this.#continue(this.#open, imageAsText(block.source));
      case "other": {
        const isOwn = block.dialect === "anthropic-messages" && isJsonObject(block.value);
        return isOwn && isJsonObject(block.value) ? this.#start(this.#open, block.value) : "";
      }
      case "text":
      case "reasoning":
      case "refusal":
        return "";
    }
  }

  #continue(open: OpenBlock, text: string): string {
    if (text === "") return "";
    switch (open.block.kind) {
      case "refusal":
        this.#hasRefusal = true;
        return this.#tell(open, { type: "text_delta", text });
      case "text":
      case "image":
        return this.#tell(open, { type: "text_delta", text });
      case "reasoning":
        return this.#tell(open, { type: "thinking_delta", thinking: text });
      case "tool-call":
        return this.#tellInput(open, this.#arguments(open, text));
      case "other":
        return "";
    }
  }

  /** The input of a free-form call is the one argument of a function here. */
  #arguments(open: OpenBlock, text: string): string {
    if (!isFreeForm(open)) {
      open.input ??= new ToolInputWriter();
      return open.input.write(text);
    }
    const start = open.hasInput === true ? "" : FREE_FORM_START;
    open.hasInput = true;
    return start + JSON.stringify(text).slice(1, -1);
  }

  #sign(open: OpenBlock, signature: Signature): string {
    if (open.block.kind !== "reasoning") {
      open.signature = signature;
      return "";
    }
    if (signature.redacted === true && !open.isTold)
      return this.#start(open, encodeReasoningBlock("", signature));
    return this.#tell(open, { type: "signature_delta", signature: carrySignature(signature, "anthropic") });
  }

  #end(open: OpenBlock): string {
    const input = this.#tellInput(open, open.hasInput === true ? '"}' : (open.input?.end() ?? ""));
    this.#open = undefined;
    const stop = input + (open.isTold ? this.#stop() : "");
    if (open.signature === undefined) return stop;
    const proof: OpenBlock = { block: { kind: "reasoning" }, isTold: false };
    return stop + this.#start(proof, encodePartSignature(open.signature)) + this.#stop();
  }

  #tellInput(open: OpenBlock, json: string): string {
    return json === "" ? "" : this.#tell(open, { type: "input_json_delta", partial_json: json });
  }

  #tell(open: OpenBlock, delta: WireDelta): string {
    const start = open.isTold ? "" : this.#start(open, emptyBlock(open.block));
    return `${start}event: content_block_delta\ndata: {"type":"content_block_delta","index":${this.#index},"delta":${JSON.stringify(delta)}}\n\n`;
  }

  #start(open: OpenBlock, block: WireBlock | JsonObject): string {
    open.isTold = true;
    const start = { type: "content_block_start", index: this.#index, content_block: block };
    return eventBytes("content_block_start", start);
  }

  #stop(): string {
    return eventBytes("content_block_stop", { type: "content_block_stop", index: this.#index++ });
  }
}

const FREE_FORM_START = `{${JSON.stringify(FREE_FORM_ARGUMENT)}:"`;

function isFreeForm({ block }: OpenBlock): boolean {
  return block.kind === "tool-call" && block.freeForm === true;
}

function emptyBlock({ kind }: BlockStart): WireBlock {
  return kind === "reasoning" ? encodeReasoningBlock("", undefined) : encodeTextBlock("");
}
