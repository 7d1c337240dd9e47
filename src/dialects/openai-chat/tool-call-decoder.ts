import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { Signature } from "../../model/signature.ts";
import type { ChoiceBlocks } from "../stream/choice-blocks.ts";
import { readToolCall, type ToolCallFragment } from "./blocks/tool-call.ts";

/** A tool call of which something has arrived; it becomes a block once its name and id are known. */
interface ArrivingCall {
  readonly ordinal: number;
  id: string | undefined;
  name: string | undefined;
  freeForm: boolean;
  signature: Signature | undefined;
  held: string;
  block: number | undefined;
}

/**
 * Puts together the tool calls of one choice, whole or in fragments. OpenAI sends `index` with each fragment and id
 * and name with the first. Others leave out the index (Mistral), the id (small local servers), give all calls the same
 * index (Gemini's compatible endpoint), leave gaps between indexes, or repeat id and name with each fragment.
 */
export class ToolCallDecoder {
  readonly #blocks: ChoiceBlocks;
  readonly #makeId: (ordinal: number) => string;
  readonly #byIndex = new Map<number, ArrivingCall>();
  readonly #byId = new Map<string, ArrivingCall>();
  #waiting: ArrivingCall[] = [];
  #last: ArrivingCall | undefined;
  #legacy: ArrivingCall | undefined;
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

  /** Reads `tool_calls` and the older `function_call` of a delta or message. */
  decode(delta: JsonObject): void {
    const calls = delta["tool_calls"];
    if (Array.isArray(calls)) {
      for (const call of calls) if (isJsonObject(call)) this.#decodeCall(readToolCall(call));
    }
    const legacy = delta["function_call"];
    if (!isJsonObject(legacy)) return;
    this.#legacy ??= this.#begin();
    this.#add(this.#legacy, readToolCall({ function: legacy }));
  }

  /** Nothing more comes: calls that never got their name or id become blocks as they are. */
  finish(): void {
    for (const call of this.#waiting) {
      if (call.block === undefined && (call.name ?? call.id ?? call.held) !== "") this.#open(call);
    }
    this.#waiting = [];
  }

  #decodeCall(fragment: ToolCallFragment): void {
    const call = this.#known(fragment) ?? this.#begin();
    if (fragment.index !== undefined) this.#byIndex.set(fragment.index, call);
    if (fragment.id !== undefined) this.#byId.set(fragment.id, call);
    this.#last = call;
    this.#add(call, fragment);
  }

  #known({ index, id, name }: ToolCallFragment): ArrivingCall | undefined {
    if (index === undefined) {
      if (id !== undefined) return this.#byId.get(id);
      return name === undefined ? this.#last : undefined;
    }
    const known = this.#byIndex.get(index);
    const isAnother = id !== undefined && name !== undefined && known?.id !== undefined && known.id !== id;
    return isAnother ? undefined : known;
  }

  #begin(): ArrivingCall {
    const call: ArrivingCall = {
      ordinal: this.#count++,
      id: undefined,
      name: undefined,
      freeForm: false,
      signature: undefined,
      held: "",
      block: undefined,
    };
    this.#waiting.push(call);
    return call;
  }

  #add(call: ArrivingCall, fragment: ToolCallFragment): void {
    call.id ??= fragment.id;
    call.name ??= fragment.name;
    call.freeForm ||= fragment.freeForm;
    call.signature ??= fragment.signature;
    if (call.block !== undefined) {
      if (fragment.signature !== undefined) this.#blocks.sign(call.block, fragment.signature);
      this.#blocks.extend(call.block, fragment.arguments);
      return;
    }
    call.held += fragment.arguments;
    // Arguments have begun, so an id will not come any more.
    if (call.name !== undefined && (call.id !== undefined || call.held !== "")) this.#open(call);
  }

  #open(call: ArrivingCall): void {
    const id = call.id ?? this.#makeId(call.ordinal);
    const freeForm = call.freeForm && { freeForm: true };
    call.block = this.#blocks.open({ kind: "tool-call", id, name: call.name ?? "", ...freeForm });
    if (call.signature !== undefined) this.#blocks.sign(call.block, call.signature);
    this.#blocks.extend(call.block, call.held);
    call.held = "";
  }
}
