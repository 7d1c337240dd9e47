import type { Citation } from "../../model/citation.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { Signature } from "../../model/signature.ts";
import type { BlockStart } from "../../model/stream-event.ts";
import type { TokenProbability } from "../../model/token-probability.ts";
import { encodeTokenProbabilities } from "../openai-chat/blocks/token-probabilities.ts";
import { encodeAnnotation } from "./blocks/citation.ts";
import { encodeGeneratedImage } from "./blocks/image.ts";
import { encodeSignature, encodeSummary } from "./blocks/reasoning.ts";
import type { NamespacedName } from "./namespaces.ts";
import type { WireItem, WireItemStatus, WireOutputPart } from "./wire.ts";

/** A text, with what it rests on and how probable its tokens were. */
export function textPart(
  text: string,
  annotations: readonly JsonObject[],
  tokens: readonly TokenProbability[],
): WireOutputPart {
  return { type: "output_text", text, annotations, logprobs: encodeTokenProbabilities(tokens) };
}

/** The annotations of a block that stands from `offset` on in its part. */
export function annotationsOf(
  citations: readonly Citation[],
  offset: number,
  length: number,
): readonly JsonObject[] {
  return citations.map((citation) => encodeAnnotation(citation, offset, length));
}

export function messageItem(
  id: string,
  content: readonly WireOutputPart[],
  status: WireItemStatus,
): WireItem {
  return { type: "message", id, status, role: "assistant", content };
}

export function reasoningItem(id: string, text: string, signature: Signature | undefined): WireItem {
  return { type: "reasoning", id, summary: encodeSummary(text), ...encodeSignature(signature, id) };
}

/** `text` is what has come of the arguments or input so far. A tool of a namespace is named as it is there. */
export function callItem(
  id: string,
  call: Extract<BlockStart, { readonly kind: "tool-call" }>,
  text: string,
  status: WireItemStatus,
  names: ReadonlyMap<string, NamespacedName>,
): WireItem {
  const named = names.get(call.name) ?? { name: call.name };
  const common = { id, call_id: call.id, ...named, status };
  if (call.freeForm === true) return { type: "custom_tool_call", ...common, input: text };
  return { type: "function_call", ...common, arguments: text };
}

/** A picture that the model made; undefined for one that is not given as bytes. */
export function imageItem(
  id: string,
  block: Extract<BlockStart, { readonly kind: "image" }>,
): WireItem | undefined {
  const image = encodeGeneratedImage(block.source);
  return image && { type: "image_generation_call", id, status: "completed", ...image };
}

/** A vendor's own item, as it came; with an id, since each item must have one. */
export function vendorItem(id: string, value: unknown): WireItem | undefined {
  return isJsonObject(value) ? { id, ...value } : undefined;
}
