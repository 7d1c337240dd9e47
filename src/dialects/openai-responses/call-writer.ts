import type { JsonObject } from "../../model/json.ts";
import type { BlockStart } from "../../model/stream-event.ts";
import type { Emit } from "./message-writer.ts";
import type { NamespacedName } from "./namespaces.ts";
import { callItem } from "./output-items.ts";
import type { WireItem, WireItemStatus } from "./wire.ts";

type Call = Extract<BlockStart, { readonly kind: "tool-call" }>;

/** Writes one call of the answer, of a function or of a free-form tool. */
export class CallWriter {
  readonly #emit: Emit;
  readonly #call: Call;
  readonly #names: ReadonlyMap<string, NamespacedName>;
  #place: { readonly id: string; readonly index: number } | undefined;
  #text = "";

  constructor(emit: Emit, call: Call, names: ReadonlyMap<string, NamespacedName>) {
    this.#emit = emit;
    this.#call = call;
    this.#names = names;
  }

  get hasBegun(): boolean {
    return this.#place !== undefined;
  }

  get callId(): string {
    return this.#call.id;
  }

  /** How OpenAI's ids of such items begin. */
  get idPrefix(): string {
    return this.#isFreeForm ? "ctc" : "fc";
  }

  get outputIndex(): number {
    return this.#placed.index;
  }

  begin(id: string, index: number): void {
    this.#place = { id, index };
    const item = this.#item("", "in_progress");
    this.#emit("response.output_item.added", { output_index: index, item });
  }

  append(delta: string): void {
    this.#text += delta;
    const type = this.#isFreeForm
      ? "response.custom_tool_call_input.delta"
      : "response.function_call_arguments.delta";
    this.#say(type, { delta });
  }

  /** Ends the call; gives it whole. Clients parse a function's arguments, so none at all is an empty object. */
  end(status: WireItemStatus): WireItem {
    if (this.#text === "" && !this.#isFreeForm && status === "completed") this.append("{}");
    if (this.#isFreeForm) this.#say("response.custom_tool_call_input.done", { input: this.#text });
    else {
      const name = this.#names.get(this.#call.name)?.name ?? this.#call.name;
      this.#say("response.function_call_arguments.done", { name, arguments: this.#text });
    }
    const item = this.#item(this.#text, status);
    this.#emit("response.output_item.done", { output_index: this.#placed.index, item });
    return item;
  }

  get #isFreeForm(): boolean {
    return this.#call.freeForm === true;
  }

  get #placed(): { readonly id: string; readonly index: number } {
    if (this.#place === undefined) throw new Error("the call has not begun");
    return this.#place;
  }

  #item(text: string, status: WireItemStatus): WireItem {
    return callItem(this.#placed.id, this.#call, text, status, this.#names);
  }

  #say(type: string, members: JsonObject): void {
    const { id, index } = this.#placed;
    this.#emit(type, { item_id: id, output_index: index, ...members });
  }
}
