import type { Citation } from "../../model/citation.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import { textMember } from "../json/members.ts";
import { ChoiceBlocks } from "../stream/choice-blocks.ts";
import { readAnnotations } from "./blocks/citation.ts";
import { readImages } from "./blocks/image.ts";
import { readReasoning } from "./blocks/reasoning.ts";
import { readReasoningDetails } from "./blocks/reasoning-details.ts";
import { readRefusal } from "./blocks/refusal.ts";
import { readTokenProbabilities } from "./blocks/token-probabilities.ts";
import { decodeContent } from "./content.ts";
import { finishReasonFromWire } from "./finish-reason.ts";
import { ToolCallDecoder } from "./tool-call-decoder.ts";

const NOTHING: JsonObject = Object.freeze({});

/** One choice while it arrives, in fragments or whole. */
export class ChoiceDecoder {
  readonly #index: number;
  readonly #emit: (event: StreamEvent) => void;
  readonly #blocks: ChoiceBlocks;
  readonly #toolCalls: ToolCallDecoder;
  #finished = false;
  /** Reasoning that was said and is not proven yet. */
  #unproven = "";

  constructor(index: number, emit: (event: StreamEvent) => void, makeId: (ordinal: number) => string) {
    this.#index = index;
    this.#emit = emit;
    this.#blocks = new ChoiceBlocks(index, emit);
    this.#toolCalls = new ToolCallDecoder(this.#blocks, makeId);
  }

  get isFinished(): boolean {
    return this.#finished;
  }

  /** True once anything of an answer has come. */
  get hasContent(): boolean {
    return this.#finished || !this.#blocks.isEmpty;
  }

  /** Takes one entry of `choices`, but for its finish. */
  decode(choice: JsonObject): void {
    const { logprobs } = choice;
    this.#decodeContent(this.#arrived(choice) ?? NOTHING, isJsonObject(logprobs) ? logprobs : NOTHING);
  }

  /**
   * Ends what is open, and says why. Gives false where the reason says that the generation failed. `sources` are those
   * of the whole answer.
   */
  finish(rawReason: string, sources: readonly Citation[]): boolean {
    this.#finished = true;
    for (const source of sources) this.#blocks.cite(source);
    this.#toolCalls.finish();
    this.#blocks.closeAll();
    const reason = finishReasonFromWire(rawReason);
    if (reason === "failed") return false;
    // Groq, Ollama and others say "stop" behind a tool call.
    const isCall = reason === "stop" && this.#toolCalls.count > 0;
    this.#emit({ type: "finish", choice: this.#index, reason: isCall ? "tool-calls" : reason, rawReason });
    return true;
  }

  /** Some servers send the whole message so far beside each delta, or a whole message alone as a stream's one event. */
  #arrived({ delta, message }: JsonObject): JsonObject | undefined {
    if (isJsonObject(delta)) return delta;
    return isJsonObject(message) && this.#blocks.isEmpty ? message : undefined;
  }

  /**
   * Reasoning first: a whole message has all at once, and that is the order in which it came about. How probable the
   * tokens of a text were, and what it rests on, is said before anything else begins.
   */
  #decodeContent(delta: JsonObject, logprobs: JsonObject): void {
    this.#decodeReasoning(delta);
    const { content, audio } = delta;
    if (typeof content === "string") this.#blocks.append("text", content);
    else this.#decodeParts(content);
    if (isJsonObject(audio)) this.#blocks.append("text", textMember(audio, "transcript") ?? "");
    this.#blocks.weigh(readTokenProbabilities(logprobs["content"]));
    for (const citation of readAnnotations(delta)) this.#blocks.cite(citation);
    this.#blocks.append("refusal", readRefusal(delta));
    this.#blocks.weigh(readTokenProbabilities(logprobs["refusal"]));
    for (const source of readImages(delta)) this.#blocks.put({ kind: "image", source });
    this.#toolCalls.decode(delta);
  }

  /** The plain text says all that the details say, but for their proofs; it may have come with earlier deltas. */
  #decodeReasoning(delta: JsonObject): void {
    const text = readReasoning(delta);
    this.#reason(text);
    for (const detail of readReasoningDetails(delta)) {
      const isSaid = detail.signature !== undefined && this.#unproven.endsWith(detail.text);
      if (text === "" && !isSaid) this.#reason(detail.text);
      if (detail.signature === undefined) continue;
      this.#blocks.signReasoning(detail.signature);
      this.#unproven = "";
    }
  }

  #reason(text: string): void {
    this.#unproven += text;
    this.#blocks.append("reasoning", text);
  }

  #decodeParts(content: unknown): void {
    for (const part of decodeContent(content) ?? []) {
      if (part.kind === "text" || part.kind === "reasoning" || part.kind === "refusal")
        this.#blocks.append(part.kind, part.text);
      else if (part.kind === "image") this.#blocks.put({ kind: "image", source: part.source });
    }
  }
}
