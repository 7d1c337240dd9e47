import type { JsonObject } from "../../model/json.ts";
import type { Signature } from "../../model/signature.ts";
import type { Emit } from "./message-writer.ts";
import { reasoningItem } from "./output-items.ts";
import type { WireItem } from "./wire.ts";

/** Writes one reasoning item of the answer: a summary of one paragraph, and its proof. */
export class ReasoningWriter {
  readonly outputIndex: number;
  /** The vendor's proof, once it has come. */
  signature: Signature | undefined;
  readonly #emit: Emit;
  readonly #id: string;
  #text = "";

  constructor(emit: Emit, id: string, outputIndex: number) {
    this.#emit = emit;
    this.#id = id;
    this.outputIndex = outputIndex;
    emit("response.output_item.added", { output_index: outputIndex, item: reasoningItem(id, "", undefined) });
  }

  append(delta: string): void {
    if (this.#text === "") this.#say("response.reasoning_summary_part.added", { part: summaryPart("") });
    this.#text += delta;
    this.#say("response.reasoning_summary_text.delta", { delta });
  }

  /** Ends the item; gives it whole. */
  end(): WireItem {
    if (this.#text !== "") {
      this.#say("response.reasoning_summary_text.done", { text: this.#text });
      this.#say("response.reasoning_summary_part.done", { part: summaryPart(this.#text) });
    }
    const item = reasoningItem(this.#id, this.#text, this.signature);
    this.#emit("response.output_item.done", { output_index: this.outputIndex, item });
    return item;
  }

  #say(type: string, members: JsonObject): void {
    this.#emit(type, {
      item_id: this.#id,
      output_index: this.outputIndex,
      summary_index: 0,
      ...members,
    });
  }
}

function summaryPart(text: string): JsonObject {
  return { type: "summary_text", text };
}
