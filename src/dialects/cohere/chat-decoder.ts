import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import { textMember } from "../json/members.ts";
import { ChoiceBlocks } from "../stream/choice-blocks.ts";
import { readCitations } from "./blocks/citation.ts";
import { readThinking, readToolPlan } from "./blocks/reasoning.ts";
import { contentItems, readText } from "./blocks/text.ts";
import { readTokenProbabilities } from "./blocks/token-probabilities.ts";
import { type CallPiece, readToolCall } from "./blocks/tool-call.ts";
import { finishReasonFromWire } from "./finish-reason.ts";
import { failureOfFinish } from "./stream-failure.ts";
import { readUsage } from "./usage.ts";

/** A call that has begun. */
interface OpenCall {
  readonly block: number;
  /** What has come of arguments that may turn out to be `null`: so are tools called that take none. */
  held: string | undefined;
}

/** What ends an answer, whole or streamed: `finish_reason`, `usage` and, of a failure, `error`. */
export type Ending = JsonObject;

/** The one choice of Cohere's chat while it arrives, in pieces or whole. */
export class ChatDecoder {
  readonly #emit: (event: StreamEvent) => void;
  readonly #blocks: ChoiceBlocks;
  readonly #calls = new Map<number, OpenCall>();
  #finished = false;

  constructor(emit: (event: StreamEvent) => void) {
    this.#emit = emit;
    this.#blocks = new ChoiceBlocks(0, emit);
  }

  /** True once it was said why the answer ended. */
  get isFinished(): boolean {
    return this.#finished;
  }

  start(holder: JsonObject): void {
    const id = textMember(holder, "id");
    this.#emit({ type: "start", ...(id !== undefined && { id }) });
  }

  /** `message` of a whole answer or of a delta, but for its calls. */
  content(message: JsonObject): void {
    this.#blocks.append("reasoning", readToolPlan(message));
    for (const item of contentItems(message["content"])) {
      this.#blocks.append("reasoning", readThinking(item));
      this.#blocks.append("text", readText(item));
    }
  }

  /** `citations`, of which a stream brings one at a time. */
  cite(citations: unknown): void {
    const list = Array.isArray(citations) ? citations : [citations];
    for (const value of list.filter(isJsonObject)) {
      for (const citation of readCitations(value)) this.#blocks.cite(citation);
    }
  }

  weigh(logprobs: unknown): void {
    this.#blocks.weigh(readTokenProbabilities(logprobs));
  }

  startCall(index: number, value: unknown): void {
    this.endCall(index);
    const call: CallPiece = readToolCall(isJsonObject(value) ? value : {});
    const block = this.#blocks.open({ kind: "tool-call", id: call.id, name: call.name });
    this.#calls.set(index, { block, held: "" });
    this.#continue(index, call.arguments);
  }

  continueCall(index: number, value: unknown): void {
    if (isJsonObject(value)) this.#continue(index, readToolCall(value).arguments);
  }

  /** What was held back because it might have been `null` is said, unless it is. */
  endCall(index: number): void {
    const call = this.#calls.get(index);
    this.#calls.delete(index);
    if (call?.held !== undefined && call.held !== NULL) this.#blocks.extend(call.block, call.held);
  }

  /** Ends what is open and says why. */
  finish(ending: Ending): void {
    this.#finished = true;
    for (const index of [...this.#calls.keys()]) this.endCall(index);
    this.#blocks.closeAll();
    const usage = readUsage(ending["usage"]);
    if (usage !== undefined) this.#emit({ type: "usage", usage });
    const rawReason = textMember(ending, "finish_reason") ?? "";
    const reason = finishReasonFromWire(rawReason);
    if (reason === "failed")
      this.#emit({ type: "error", error: failureOfFinish(rawReason, textMember(ending, "error")) });
    else this.#emit({ type: "finish", choice: 0, reason, rawReason });
  }

  #continue(index: number, text: string): void {
    const call = this.#calls.get(index);
    if (call === undefined) return;
    const all = `${call.held ?? ""}${text}`;
    if (call.held !== undefined && NULL.startsWith(all)) {
      call.held = all;
      return;
    }
    call.held = undefined;
    this.#blocks.extend(call.block, all);
  }
}

const NULL = "null";
