import type { JsonObject } from "../../model/json.ts";
import { textMember } from "../json/members.ts";
import type { AnswerBlocks } from "./answer-blocks.ts";
import { readCall, readCallText } from "./blocks/tool-call.ts";
import type { ItemDecoder } from "./item-decoder.ts";

/** A call of the answer: a block once its name is known, which may be only when it is done. */
export class CallDecoder implements ItemDecoder {
  readonly #freeForm: boolean;
  readonly #blocks: AnswerBlocks;
  #block: number | undefined;
  #held = "";
  #length = 0;

  constructor(freeForm: boolean, item: JsonObject | undefined, blocks: AnswerBlocks) {
    this.#freeForm = freeForm;
    this.#blocks = blocks;
    if (item === undefined || textMember(item, "name") === undefined) return;
    this.#begin(item);
    this.#extend(readCallText(item));
  }

  take(type: string, event: JsonObject): void {
    switch (type) {
      case "response.function_call_arguments.delta":
      case "response.custom_tool_call_input.delta":
        this.#extend(textMember(event, "delta") ?? "");
        return;
      case "response.function_call_arguments.done":
        this.#extend((textMember(event, "arguments") ?? "").slice(this.#length));
        return;
      case "response.custom_tool_call_input.done":
        this.#extend((textMember(event, "input") ?? "").slice(this.#length));
        return;
    }
  }

  done(item: JsonObject | undefined): void {
    if (item !== undefined) {
      if (this.#block === undefined) this.#begin(item);
      this.#extend(readCallText(item).slice(this.#length));
    }
    if (this.#block !== undefined) this.#blocks.end(this.#block);
  }

  #begin(item: JsonObject): void {
    const call = readCall(item);
    const freeForm = this.#freeForm && { freeForm: true };
    this.#block = this.#blocks.begin({ kind: "tool-call", id: call.id, name: call.name, ...freeForm });
    this.#blocks.extend(this.#block, this.#held);
    this.#held = "";
  }

  #extend(text: string): void {
    this.#length += text.length;
    if (this.#block === undefined) this.#held += text;
    else this.#blocks.extend(this.#block, text);
  }
}
