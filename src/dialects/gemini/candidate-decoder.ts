import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { BlockStart, StreamEvent } from "../../model/stream-event.ts";
import { ChoiceBlocks } from "../stream/choice-blocks.ts";
import { type CitedSource, readCitations } from "./blocks/citation.ts";
import { readFunctionCall } from "./blocks/function-call.ts";
import { readImage } from "./blocks/media.ts";
import { readSignature } from "./blocks/signature.ts";
import { readText } from "./blocks/text.ts";
import { readTokenProbabilities } from "./blocks/token-probabilities.ts";
import { finishReasonFromWire } from "./finish-reason.ts";
import { FunctionCallDecoder } from "./function-call-decoder.ts";
import { listOf, objectOf } from "./members.ts";
import { searchesOf } from "./usage.ts";

/** One candidate while it arrives, in chunks or whole. */
export class CandidateDecoder {
  readonly #index: number;
  readonly #emit: (event: StreamEvent) => void;
  readonly #blocks: ChoiceBlocks;
  readonly #calls: FunctionCallDecoder;
  /** All that it has said, and where in it the run of text under way begins: sources name places in all of it. */
  #text = "";
  #runStart = 0;
  /** What named the sources last. */
  #grounded: JsonObject | undefined;
  #finished = false;

  constructor(index: number, emit: (event: StreamEvent) => void, makeId: (ordinal: number) => string) {
    this.#index = index;
    this.#emit = emit;
    this.#blocks = new ChoiceBlocks(index, emit);
    this.#calls = new FunctionCallDecoder(this.#blocks, makeId);
  }

  get isFinished(): boolean {
    return this.#finished;
  }

  /** True once anything of an answer has come. */
  get hasContent(): boolean {
    return this.#finished || !this.#blocks.isEmpty;
  }

  /** How many searches of Google's it rests on. */
  get searches(): number {
    return this.#grounded === undefined ? 0 : searchesOf(this.#grounded);
  }

  /** Takes one entry of `candidates`, but for its finish. */
  decode(candidate: JsonObject): void {
    const content = objectOf(candidate, "content");
    for (const part of content === undefined ? [] : listOf(content, "parts")) {
      if (isJsonObject(part)) this.#decodePart(part);
    }
    this.#blocks.weigh(readTokenProbabilities(candidate));
    if (objectOf(candidate, "groundingMetadata") ?? objectOf(candidate, "citationMetadata"))
      this.#grounded = candidate;
  }

  /** Ends what is open, and says why. Gives false where the reason says that the answer came to nothing. */
  finish(rawReason: string): boolean {
    this.#finished = true;
    this.#calls.end();
    this.#cite();
    this.#blocks.closeAll();
    const reason = finishReasonFromWire(rawReason);
    if (reason === "failed") return false;
    // Google says STOP behind a call as well.
    const isCall = reason === "stop" && this.#calls.count > 0;
    this.#emit({ type: "finish", choice: this.#index, reason: isCall ? "tool-calls" : reason, rawReason });
    return true;
  }

  #decodePart(part: JsonObject): void {
    const call = readFunctionCall(part);
    if (call !== undefined) {
      this.#calls.decode(call, readSignature(part));
      return;
    }
    this.#calls.end();
    const said = readText(part);
    if (said === undefined) this.#blocks.put(wholeBlock(part));
    else this.#decodeText(said);
  }

  #decodeText({ text, thought, signature }: NonNullable<ReturnType<typeof readText>>): void {
    if (thought) {
      this.#blocks.append("reasoning", text);
      if (signature !== undefined) this.#blocks.signReasoning(signature);
      return;
    }
    if (!this.#blocks.continues("text")) this.#runStart = this.#text.length;
    this.#blocks.append("text", text);
    this.#text += text;
    if (signature !== undefined) this.#blocks.signText(signature);
  }

  #cite(): void {
    if (this.#grounded === undefined) return;
    for (const citation of readCitations(this.#grounded, this.#text))
      this.#blocks.cite(this.#within(citation));
  }

  /** What rests on the source may have been said in an earlier run, which has ended: then no place is named. */
  #within({ start, end, ...rest }: CitedSource): CitedSource {
    if (start === undefined || end === undefined || start < this.#runStart) return rest;
    return { ...rest, start: start - this.#runStart, end: end - this.#runStart };
  }
}

/** An image that the model made, or what only this dialect has a word for. */
function wholeBlock(part: JsonObject): BlockStart {
  const image = readImage(part);
  return image === undefined
    ? { kind: "other", dialect: "gemini", value: part }
    : { kind: "image", source: image };
}
