import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { StreamEvent } from "../../model/stream-event.ts";
import { textMember } from "../json/members.ts";
import { BlockSequence, type OpenBlock } from "./block-sequence.ts";
import { readCitation } from "./blocks/citation.ts";
import { readImage } from "./blocks/image.ts";
import { readReasoning } from "./blocks/reasoning.ts";
import { readText } from "./blocks/text.ts";
import { readToolCall } from "./blocks/tool-call.ts";
import { finishReasonFromWire } from "./finish-reason.ts";
import { failureOfFinish } from "./stream-failure.ts";

/** What has arrived under one `contentBlockIndex`. */
interface Arriving {
  block: OpenBlock | undefined;
  hasText: boolean;
  /** The start and the pieces of a block that is told only once it is whole. */
  readonly whole: { readonly start: JsonObject; data: string } | undefined;
}

/**
 * Turns Converse's content blocks into events, whole ones or as they arrive
 * (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html and
 * .../API_runtime_ContentBlockDelta.html). Blocks of text and reasoning begin with their first delta, those of tools
 * with a start of their own.
 */
export class MessageDecoder {
  readonly #emit: (event: StreamEvent) => void;
  readonly #blocks: BlockSequence;
  readonly #arriving = new Map<number, Arriving>();
  #calls = 0;

  constructor(emit: (event: StreamEvent) => void) {
    this.#emit = emit;
    this.#blocks = new BlockSequence(emit);
  }

  /** A block of a whole answer. */
  block(index: number, content: JsonObject): void {
    const { toolUse, toolResult, image, citationsContent, reasoningContent } = content;
    if (isJsonObject(toolUse)) this.start(index, { toolUse });
    else if (isJsonObject(toolResult)) this.#blocks.put(otherBlock({ toolResult }));
    else if (isJsonObject(image)) this.#putImage(image);
    else if (isJsonObject(citationsContent)) this.#cited(index, citationsContent);
    else if (isJsonObject(reasoningContent)) this.delta(index, { reasoningContent });
    else this.delta(index, content);
    this.stop(index);
  }

  /** `contentBlockStart`. */
  start(index: number, start: JsonObject): void {
    this.stop(index);
    const { toolUse } = start;
    const called = isJsonObject(toolUse) ? readToolCall(toolUse) : undefined;
    if (called === undefined || called.isServers) {
      const isWhole =
        called !== undefined || isJsonObject(start["image"]) || isJsonObject(start["toolResult"]);
      this.#arriving.set(index, {
        block: undefined,
        hasText: false,
        whole: isWhole ? { start, data: called?.arguments ?? "" } : undefined,
      });
      return;
    }
    this.#calls++;
    const block = this.#blocks.begin({ kind: "tool-call", id: called.id, name: called.name });
    const text = called.arguments ?? "";
    this.#arriving.set(index, { block, hasText: text !== "", whole: undefined });
    this.#blocks.extend(block, text);
  }

  /** `contentBlockDelta`. */
  delta(index: number, delta: JsonObject): void {
    const { reasoningContent, toolUse, citation, image } = delta;
    const text = readText(delta);
    if (text !== undefined) this.#blocks.extend(this.#blockOf(index, "text"), text);
    if (isJsonObject(reasoningContent)) this.#reason(index, reasoningContent);
    if (isJsonObject(toolUse)) this.#continueCall(index, textMember(toolUse, "input") ?? "");
    if (isJsonObject(citation)) this.#blocks.cite(this.#blockOf(index, "text"), readCitation(citation));
    if (isJsonObject(image)) this.#collect(index, isJsonObject(image["source"]) ? image["source"] : {});
  }

  /** `contentBlockStop`. */
  stop(index: number): void {
    const arriving = this.#arriving.get(index);
    if (arriving === undefined) return;
    this.#arriving.delete(index);
    const { block, hasText, whole } = arriving;
    if (whole !== undefined) this.#putWhole(whole);
    if (block === undefined) return;
    // A call without arguments says nothing where it is streamed, and `{}` where it is whole.
    if (block.kind === "tool-call" && !hasText) this.#blocks.extend(block, "{}");
    this.#blocks.end(block);
  }

  /** Ends what is open, and says why the answer ended. Gives false where it is of no use. */
  finish(rawReason: string, responseFields: unknown): boolean {
    for (const index of [...this.#arriving.keys()]) this.stop(index);
    this.#blocks.endAll();
    const reason = finishReasonFromWire(rawReason);
    if (reason === "failed") {
      this.#emit({ type: "error", error: failureOfFinish(rawReason) });
      return false;
    }
    const stopSequence = stopSequenceOf(responseFields);
    this.#emit({
      type: "finish",
      choice: 0,
      reason: reason === "stop" && this.#calls > 0 ? "tool-calls" : reason,
      rawReason,
      ...(stopSequence !== undefined && { stopSequence }),
    });
    return true;
  }

  #cited(index: number, { content, citations }: JsonObject): void {
    for (const piece of Array.isArray(content) ? content : [])
      if (isJsonObject(piece)) this.delta(index, piece);
    for (const citation of Array.isArray(citations) ? citations : []) {
      if (isJsonObject(citation)) this.delta(index, { citation });
    }
  }

  #reason(index: number, content: JsonObject): void {
    const { text, signature } = readReasoning(content);
    const block = this.#blockOf(index, "reasoning");
    this.#blocks.extend(block, text);
    if (signature !== undefined) this.#blocks.sign(block, signature);
  }

  #continueCall(index: number, text: string): void {
    const arriving = this.#arriving.get(index);
    if (arriving?.whole !== undefined) arriving.whole.data += text;
    else if (arriving?.block?.kind === "tool-call") {
      arriving.hasText ||= text !== "";
      this.#blocks.extend(arriving.block, text);
    }
  }

  #collect(index: number, source: JsonObject): void {
    const whole = this.#arriving.get(index)?.whole;
    if (whole !== undefined) whole.data += textMember(source, "bytes") ?? "";
  }

  /** The open block of that kind; one of another kind under the same index is ended first. */
  #blockOf(index: number, kind: "text" | "reasoning"): OpenBlock {
    const arriving = this.#arriving.get(index);
    if (arriving?.block?.kind === kind) return arriving.block;
    this.stop(index);
    const block = this.#blocks.begin({ kind });
    this.#arriving.set(index, { block, hasText: false, whole: undefined });
    return block;
  }

  #putWhole({ start, data }: NonNullable<Arriving["whole"]>): void {
    const { image, toolUse } = start;
    if (isJsonObject(image)) this.#putImage({ ...image, source: { bytes: data } });
    else if (isJsonObject(toolUse)) this.#blocks.put(otherBlock({ toolUse: { ...toolUse, input: data } }));
    else this.#blocks.put(otherBlock(start));
  }

  #putImage(image: JsonObject): void {
    const source = readImage(image);
    if (source !== undefined) this.#blocks.put({ kind: "image", source });
  }
}

/** What the provider's own tools did means something to it alone. */
function otherBlock(value: JsonObject) {
  return { kind: "other", dialect: "bedrock-converse", value } as const;
}

/** Asked for by `additionalModelResponseFieldPaths`; in a stream it stands inside Claude's last delta. */
function stopSequenceOf(fields: unknown): string | undefined {
  if (!isJsonObject(fields)) return undefined;
  const { delta } = fields;
  return textMember(isJsonObject(delta) ? delta : fields, "stop_sequence");
}
