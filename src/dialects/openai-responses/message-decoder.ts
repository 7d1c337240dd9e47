import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { numberMember, textMember } from "../json/members.ts";
import { readTokenProbabilities } from "../openai-chat/blocks/token-probabilities.ts";
import type { AnswerBlocks } from "./answer-blocks.ts";
import { readAnnotation } from "./blocks/citation.ts";
import type { ItemDecoder } from "./item-decoder.ts";

/** One part of a message. */
interface ArrivingPart {
  readonly kind: "text" | "refusal";
  block: number | undefined;
  /** How much of it has been given: of its text in UTF-16 units, of the others in entries. */
  text: number;
  annotations: number;
  tokens: number;
}

/** A message of the answer: each of its parts becomes a block once there is something in it. */
export class MessageDecoder implements ItemDecoder {
  readonly #blocks: AnswerBlocks;
  readonly #parts = new Map<number, ArrivingPart>();

  constructor(blocks: AnswerBlocks) {
    this.#blocks = blocks;
  }

  take(type: string, event: JsonObject): void {
    const index = numberMember(event, "content_index") ?? 0;
    switch (type) {
      case "response.output_text.delta":
      case "response.refusal.delta":
        this.#append(index, type === "response.refusal.delta" ? "refusal" : "text", event);
        return;
      case "response.output_text.done":
        this.#complete(index, { type: "output_text", ...event });
        return;
      case "response.refusal.done":
        this.#complete(index, { type: "refusal", ...event });
        return;
      case "response.output_text.annotation.added":
        this.#annotate(this.#partAt(index, "text"), [event["annotation"]]);
        return;
      case "response.content_part.added":
        if (isJsonObject(event["part"])) this.#complete(index, event["part"]);
        return;
      case "response.content_part.done":
        if (isJsonObject(event["part"])) this.#complete(index, event["part"]);
        this.#end(index);
        return;
    }
  }

  done(item: JsonObject | undefined): void {
    const content = item?.["content"];
    if (Array.isArray(content)) {
      content.forEach((part: unknown, index) => {
        if (isJsonObject(part)) this.#complete(index, part);
        this.#end(index);
      });
    }
    for (const index of this.#parts.keys()) this.#end(index);
  }

  #append(index: number, kind: ArrivingPart["kind"], event: JsonObject): void {
    const part = this.#partAt(index, kind);
    this.#extend(part, textMember(event, "delta") ?? "");
    this.#weigh(part, event["logprobs"]);
  }

  /** The part as it stands by now: gives what no delta gave. */
  #complete(index: number, wire: JsonObject): void {
    if (wire["type"] === "refusal") {
      const part = this.#partAt(index, "refusal");
      this.#extend(part, (textMember(wire, "refusal") ?? "").slice(part.text));
      return;
    }
    if (wire["type"] !== "output_text") return;
    const part = this.#partAt(index, "text");
    this.#extend(part, (textMember(wire, "text") ?? "").slice(part.text));
    const { annotations, logprobs } = wire;
    if (Array.isArray(logprobs)) this.#weigh(part, logprobs.slice(part.tokens));
    if (Array.isArray(annotations)) this.#annotate(part, annotations.slice(part.annotations));
  }

  #extend(part: ArrivingPart, text: string): void {
    if (text === "") return;
    part.block ??= this.#blocks.begin({ kind: part.kind });
    part.text += text.length;
    this.#blocks.extend(part.block, text);
  }

  /** A citation, or a probability, without a text has nothing to stand with. */
  #annotate(part: ArrivingPart, annotations: readonly unknown[]): void {
    part.annotations += annotations.length;
    if (part.block === undefined) return;
    for (const citation of annotations.flatMap(readAnnotation)) this.#blocks.cite(part.block, citation);
  }

  #weigh(part: ArrivingPart, logprobs: unknown): void {
    const tokens = readTokenProbabilities(logprobs);
    part.tokens += tokens.length;
    if (part.block !== undefined) this.#blocks.weigh(part.block, tokens);
  }

  #end(index: number): void {
    const block = this.#parts.get(index)?.block;
    if (block !== undefined) this.#blocks.end(block);
  }

  #partAt(index: number, kind: ArrivingPart["kind"]): ArrivingPart {
    const known = this.#parts.get(index);
    if (known !== undefined) return known;
    const part: ArrivingPart = { kind, block: undefined, text: 0, annotations: 0, tokens: 0 };
    this.#parts.set(index, part);
    return part;
  }
}
