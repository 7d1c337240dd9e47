import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { Signature } from "../../model/signature.ts";
import type { BlockStart, StreamEvent } from "../../model/stream-event.ts";
import { textMember, withoutMembers } from "../json/members.ts";
import { readCitation, readCitations } from "./blocks/citation.ts";
import { readRedacted, readSignature, readThinking } from "./blocks/reasoning.ts";

/** A block that has begun. */
type OpenBlock =
  | { readonly kind: "plain"; readonly index: number }
  /** `input` is what the block began with: all of it, unless fragments follow. */
  | { readonly kind: "call"; readonly index: number; readonly input: JsonObject; hasFragments: boolean }
  /** Only its own dialect has a word for it, so it is kept until it is whole. */
  | { readonly kind: "other"; value: JsonObject; json: string };

/** The blocks of an answer while they arrive, or whole, numbered anew: what nobody is told leaves no gap. */
export class BlockDecoder {
  readonly #choice: number;
  readonly #emit: (event: StreamEvent) => void;
  readonly #open = new Map<number, OpenBlock>();
  #next = 0;

  constructor(choice: number, emit: (event: StreamEvent) => void) {
    this.#choice = choice;
    this.#emit = emit;
  }

  /** True until the first block begins. */
  get isEmpty(): boolean {
    return this.#next === 0 && this.#open.size === 0;
  }

  /** `at` is the block's number on the wire; `block` holds what is there at its beginning, or all of it. */
  begin(at: number, block: JsonObject): void {
    this.end(at);
    this.#open.set(at, this.#opened(block));
  }

  /** More of a block. Gives false for a kind of delta that is not known. */
  continue(at: number, delta: JsonObject): boolean {
    const open = this.#open.get(at);
    if (open?.kind === "other") {
      continueOther(open, delta);
      return true;
    }
    switch (delta["type"]) {
      case "text_delta":
        if (open !== undefined) this.#extend(open.index, textMember(delta, "text"));
        return true;
      case "thinking_delta":
        if (open !== undefined) this.#extend(open.index, textMember(delta, "thinking"));
        return true;
      case "input_json_delta":
        if (open?.kind === "call") this.#continueCall(open, textMember(delta, "partial_json"));
        return true;
      case "signature_delta":
        if (open !== undefined) this.#sign(open.index, readSignature(textMember(delta, "signature")));
        return true;
      case "citations_delta": {
        const citation = readCitation(delta["citation"]);
        if (open !== undefined && citation !== undefined)
          this.#emit({ type: "citation", choice: this.#choice, index: open.index, citation });
        return true;
      }
      default:
        return false;
    }
  }

  end(at: number): void {
    const open = this.#open.get(at);
    if (open === undefined) return;
    this.#open.delete(at);
    if (open.kind === "other") {
      const index = this.#begin({ kind: "other", dialect: "anthropic-messages", value: wholeOther(open) });
      this.#emit({ type: "block-end", choice: this.#choice, index });
      return;
    }
    // Some servers send a call's input with its beginning and no fragments.
    const isWhole = open.kind === "call" && !open.hasFragments && Object.keys(open.input).length > 0;
    if (isWhole) this.#extend(open.index, JSON.stringify(open.input));
    this.#emit({ type: "block-end", choice: this.#choice, index: open.index });
  }

  endAll(): void {
    for (const at of [...this.#open.keys()]) this.end(at);
  }

  /** The provider's words for why there is no answer. */
  refuse(explanation: string): void {
    this.endAll();
    const index = this.#begin({ kind: "refusal" });
    this.#extend(index, explanation);
    this.#emit({ type: "block-end", choice: this.#choice, index });
  }

  #opened(block: JsonObject): OpenBlock {
    switch (block["type"]) {
      case "text":
        return this.#openText(block);
      case "thinking": {
        const { text, signature } = readThinking(block);
        const index = this.#begin({ kind: "reasoning" });
        this.#extend(index, text);
        this.#sign(index, signature);
        return { kind: "plain", index };
      }
      case "redacted_thinking": {
        const index = this.#begin({ kind: "reasoning" });
        this.#sign(index, readRedacted(block));
        return { kind: "plain", index };
      }
      case "tool_use": {
        const { input } = block;
        const called = { id: textMember(block, "id") ?? "", name: textMember(block, "name") ?? "" };
        const index = this.#begin({ kind: "tool-call", ...called });
        return { kind: "call", index, input: isJsonObject(input) ? input : {}, hasFragments: false };
      }
      default:
        return { kind: "other", value: block, json: "" };
    }
  }

  #openText(block: JsonObject): OpenBlock {
    const index = this.#begin({ kind: "text" });
    this.#extend(index, textMember(block, "text"));
    for (const citation of readCitations(block["citations"]))
      this.#emit({ type: "citation", choice: this.#choice, index, citation });
    return { kind: "plain", index };
  }

  #continueCall(open: Extract<OpenBlock, { kind: "call" }>, json: string | undefined): void {
    if (json === undefined) return;
    open.hasFragments = true;
    this.#extend(open.index, json);
  }

  #begin(block: BlockStart): number {
    const index = this.#next++;
    this.#emit({ type: "block-start", choice: this.#choice, index, block });
    return index;
  }

  #extend(index: number, text: string | undefined): void {
    if (text === undefined || text === "") return;
    this.#emit({ type: "block-delta", choice: this.#choice, index, text });
  }

  #sign(index: number, signature: Signature | undefined): void {
    if (signature !== undefined) this.#emit({ type: "signature", choice: this.#choice, index, signature });
  }
}

const DELTA_TYPE: ReadonlySet<string> = new Set(["type"]);

/** A server tool's input comes in fragments; whatever else a delta brings are members of the block. */
function continueOther(open: Extract<OpenBlock, { kind: "other" }>, delta: JsonObject): void {
  if (delta["type"] === "input_json_delta") open.json += textMember(delta, "partial_json") ?? "";
  else open.value = { ...open.value, ...withoutMembers(delta, DELTA_TYPE) };
}

function wholeOther({ value, json }: Extract<OpenBlock, { kind: "other" }>): JsonObject {
  if (json === "") return value;
  try {
    const input: unknown = JSON.parse(json);
    return { ...value, input };
  } catch {
    return { ...value, input: json };
  }
}
