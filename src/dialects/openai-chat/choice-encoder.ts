import type { Citation } from "../../model/citation.ts";
import type { JsonObject } from "../../model/json.ts";
import type { BlockStart, StreamEvent } from "../../model/stream-event.ts";
import type { TokenProbability } from "../../model/token-probability.ts";
import { encodeAnnotation } from "./blocks/citation.ts";
import { encodeImages } from "./blocks/image.ts";
import { encodeReasoningDetail } from "./blocks/reasoning-details.ts";
import { encodeToolCallArguments, encodeToolCallSignature, encodeToolCallStart } from "./blocks/tool-call.ts";
import type { WireDelta, WireFinishReason } from "./wire.ts";

/** What one chunk says of its choice. */
export interface ChunkContent {
  readonly delta: WireDelta;
  readonly tokens?: { readonly kind: BlockStart["kind"]; readonly tokens: readonly TokenProbability[] };
  readonly finishReason?: WireFinishReason;
}

/** An event that belongs to a block. */
type BlockEvent = Extract<StreamEvent, { readonly index: number }>;

/** A block that has begun, as far as its deltas depend on it. */
interface OpenBlock {
  readonly block: BlockStart;
  /** Among the tool calls of its choice. */
  readonly toolIndex: number;
  /** Where its text begins in the content that all text blocks become. */
  readonly offset: number;
  text: string;
  length: number;
  /** Sources of the whole block: how long it is shows when it ends. */
  readonly held: Citation[];
}

/** Writes the deltas of one choice. */
export class ChoiceEncoder {
  readonly #blocks = new Map<number, OpenBlock>();
  #hasRole = false;
  #toolCalls = 0;
  #textLength = 0;

  /** The chunk for an event; undefined where this dialect says nothing then. */
  encode(event: BlockEvent): ChunkContent | undefined {
    if (event.type === "block-start") return this.#begin(event.index, event.block);
    const open = this.#blocks.get(event.index);
    if (open === undefined) return undefined;
    switch (event.type) {
      case "block-delta":
        return this.#continue(open, event.text);
      case "block-end":
        this.#blocks.delete(event.index);
        return endOf(open);
      case "signature":
        return signatureOf(open, event);
      case "citation":
        return citationOf(open, event);
      case "token-probabilities":
        return { delta: {}, tokens: { kind: open.block.kind, tokens: event.tokens } };
    }
  }

  /** As OpenAI does: the first delta names the role, and its content is null where a tool call comes first. */
  withRole(delta: WireDelta): WireDelta {
    if (this.#hasRole) return delta;
    this.#hasRole = true;
    return { role: "assistant", content: delta.tool_calls === undefined ? "" : null, ...delta };
  }

  #begin(index: number, block: BlockStart): ChunkContent | undefined {
    const isCall = block.kind === "tool-call";
    const toolIndex = isCall ? this.#toolCalls++ : -1;
    this.#blocks.set(index, { block, toolIndex, offset: this.#textLength, text: "", length: 0, held: [] });
    if (isCall) return { delta: { tool_calls: [encodeToolCallStart(toolIndex, block)] } };
    return block.kind === "image" ? { delta: { images: encodeImages([block.source]) } } : undefined;
  }

  #continue(open: OpenBlock, text: string): ChunkContent | undefined {
    if (text === "") return undefined;
    // Of a long text only its length is needed; of reasoning, the words, if its proof comes.
    if (open.block.kind === "text") this.#textLength += text.length;
    open.length += text.length;
    open.text += open.block.kind === "text" ? "" : text;
    const delta = deltaOf(open, text);
    return delta && { delta };
  }
}

function deltaOf({ block, toolIndex }: OpenBlock, text: string): WireDelta | undefined {
  switch (block.kind) {
    case "text":
      return { content: text };
    case "reasoning":
      return { reasoning_content: text };
    case "refusal":
      return { refusal: text };
    case "tool-call":
      return { tool_calls: [encodeToolCallArguments(toolIndex, text, block.freeForm === true)] };
    case "image":
    case "other":
      return undefined;
  }
}

/** Clients parse a function's arguments as JSON, so none at all is an empty object. */
function endOf(open: OpenBlock): ChunkContent | undefined {
  const { block, toolIndex, text, held } = open;
  if (held.length > 0) return annotated(held.flatMap((citation) => annotationOf(open, citation)));
  if (block.kind !== "tool-call" || text !== "" || block.freeForm === true) return undefined;
  return { delta: { tool_calls: [encodeToolCallArguments(toolIndex, "{}", false)] } };
}

function signatureOf(
  { block, toolIndex, text }: OpenBlock,
  { signature, index }: Extract<BlockEvent, { type: "signature" }>,
): ChunkContent | undefined {
  if (block.kind === "tool-call")
    return { delta: { tool_calls: [encodeToolCallSignature(toolIndex, signature)] } };
  if (block.kind !== "reasoning") return undefined;
  return { delta: { reasoning_details: [encodeReasoningDetail(text, signature, index)] } };
}

function citationOf(
  open: OpenBlock,
  { citation }: Extract<BlockEvent, { type: "citation" }>,
): ChunkContent | undefined {
  if (citation.end !== undefined) return annotated(annotationOf(open, citation));
  if (open.block.kind === "text") open.held.push(citation);
  return undefined;
}

function annotationOf({ offset, length }: OpenBlock, citation: Citation): readonly JsonObject[] {
  const start = offset + (citation.start ?? 0);
  const annotation = encodeAnnotation({ ...citation, start, end: offset + (citation.end ?? length) });
  return annotation === undefined ? [] : [annotation];
}

function annotated(annotations: readonly JsonObject[]): ChunkContent | undefined {
  return annotations.length === 0 ? undefined : { delta: { annotations } };
}
