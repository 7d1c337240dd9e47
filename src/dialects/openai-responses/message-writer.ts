import type { Citation } from "../../model/citation.ts";
import type { JsonObject } from "../../model/json.ts";
import type { TokenProbability } from "../../model/token-probability.ts";
import { encodeTokenProbabilities } from "../openai-chat/blocks/token-probabilities.ts";
import { encodeAnnotation } from "./blocks/citation.ts";
import { messageItem, textPart } from "./output-items.ts";
import type { WireItem, WireItemStatus, WireOutputPart } from "./wire.ts";

/** Says an event of the stream; a whole answer needs none. */
export type Emit = (type: string, members: JsonObject) => void;

/** A part of a message while it is written. */
interface OpenPart {
  readonly kind: "text" | "refusal";
  readonly index: number;
  text: string;
  readonly annotations: JsonObject[];
  readonly tokens: TokenProbability[];
}

/** A stretch of a part: what one block of the answer became. */
export interface Stretch {
  readonly part: OpenPart;
  readonly offset: number;
}

/**
 * Writes one message of the answer. Texts that follow one another become one part, because clients take a part for all
 * that was said; so the places of citations move by what stands before.
 */
export class MessageWriter {
  readonly #emit: Emit;
  readonly #id: string;
  readonly #outputIndex: number;
  readonly #parts: WireOutputPart[] = [];
  #open: OpenPart | undefined;

  constructor(emit: Emit, id: string, outputIndex: number) {
    this.#emit = emit;
    this.#id = id;
    this.#outputIndex = outputIndex;
    const item = messageItem(id, [], "in_progress");
    emit("response.output_item.added", { output_index: outputIndex, item });
  }

  /** Where more text of that kind goes: the open part, or a new one. */
  stretch(kind: OpenPart["kind"]): Stretch {
    const open = this.#open?.kind === kind ? this.#open : this.#begin(kind);
    return { part: open, offset: open.text.length };
  }

  /** True while more text can be added to the part. */
  holds(part: OpenPart): boolean {
    return this.#open === part;
  }

  append(part: OpenPart, delta: string): void {
    part.text += delta;
    if (part.kind === "refusal") this.#say("response.refusal.delta", part, { delta });
    else this.#say("response.output_text.delta", part, { delta, logprobs: [] });
  }

  /** OpenAI tells how probable tokens are beside them; where that comes later, it is said with no text. */
  weigh(part: OpenPart, tokens: readonly TokenProbability[]): void {
    if (part.kind !== "text") return;
    part.tokens.push(...tokens);
    const logprobs = encodeTokenProbabilities(tokens);
    this.#say("response.output_text.delta", part, { delta: "", logprobs });
  }

  cite({ part, offset }: Stretch, citation: Citation, length: number): void {
    if (!this.holds(part)) return;
    const annotation = encodeAnnotation(citation, offset, length);
    const annotation_index = part.annotations.push(annotation) - 1;
    this.#say("response.output_text.annotation.added", part, { annotation_index, annotation });
  }

  /** Ends the message; gives it whole. */
  end(status: WireItemStatus): WireItem {
    this.#endPart();
    const item = messageItem(this.#id, this.#parts, status);
    this.#emit("response.output_item.done", { output_index: this.#outputIndex, item });
    return item;
  }

  #begin(kind: OpenPart["kind"]): OpenPart {
    this.#endPart();
    const part: OpenPart = { kind, index: this.#parts.length, text: "", annotations: [], tokens: [] };
    this.#open = part;
    this.#say("response.content_part.added", part, { part: wirePart(part) });
    return part;
  }

  #endPart(): void {
    const part = this.#open;
    if (part === undefined) return;
    this.#open = undefined;
    const whole = wirePart(part);
    if (whole.type === "refusal") this.#say("response.refusal.done", part, { refusal: whole.refusal });
    else this.#say("response.output_text.done", part, { text: whole.text, logprobs: whole.logprobs });
    this.#say("response.content_part.done", part, { part: whole });
    this.#parts.push(whole);
  }

  #say(type: string, part: OpenPart, members: JsonObject): void {
    const place = { item_id: this.#id, output_index: this.#outputIndex, content_index: part.index };
    this.#emit(type, { ...place, ...members });
  }
}

function wirePart({ kind, text, annotations, tokens }: OpenPart): WireOutputPart {
  if (kind === "refusal") return { type: "refusal", refusal: text };
  return textPart(text, [...annotations], tokens);
}
