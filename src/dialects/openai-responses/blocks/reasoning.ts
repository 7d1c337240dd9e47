import type { ReasoningPart } from "../../../model/content-part.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import type { Signature } from "../../../model/signature.ts";
import { textMember } from "../../json/members.ts";
import { carriedSignature, carrySignature } from "../../translation/carried-signature.ts";
import type { WireSummary } from "../wire.ts";

/** What stands between two paragraphs of a summary. */
export const PARAGRAPH = "\n\n";

/**
 * A reasoning item (https://platform.openai.com/docs/api-reference/responses/object): `summary`, which OpenAI shows,
 * or `content`, the raw text that servers of open models show, and `encrypted_content`, its proof.
 */
export function decodeReasoningItem(item: JsonObject): ReasoningPart {
  const signature = readSignature(item);
  return { kind: "reasoning", text: readReasoningText(item), ...(signature && { signature }) };
}

/** All that a reasoning item shows. Raw text says more than its summary, so it goes first where both are there. */
export function readReasoningText(item: JsonObject): string {
  return joined(item["content"]) || joined(item["summary"]);
}

/** A proof of OpenAI's own, or another vendor's that was wrapped for this place. */
export function readSignature(item: JsonObject): Signature | undefined {
  const text = textMember(item, "encrypted_content");
  const signature = text === undefined ? undefined : carriedSignature(text, "openai");
  const id = textMember(item, "id");
  if (signature === undefined || id === undefined) return signature;
  // A wrapped one knows its own vendor's id; the item's was made up here.
  return signature.value === text ? { ...signature, id } : signature;
}

/** A part of an earlier turn, to send to a provider. Without a proof its text is all there is. */
export function encodeReasoningPart({ text, signature }: ReasoningPart, ordinal: number): JsonObject {
  if (signature === undefined) {
    const content = [{ type: "reasoning_text", text }];
    return { type: "reasoning", id: `rs_${ordinal}`, summary: [], content };
  }
  const { id, value } = signature;
  const named = id !== undefined && { id };
  return { type: "reasoning", ...named, summary: encodeSummary(text), encrypted_content: value };
}

/**
 * The reasoning of an answer, to show to a client: as a summary, whatever its vendor showed, because that is where
 * clients look for it, and what they send back with the next turn.
 */
export function encodeSummary(text: string): readonly WireSummary[] {
  return text === "" ? [] : [{ type: "summary_text", text }];
}

/**
 * The proof of an answer's reasoning, for the client to send back with the item. OpenAI takes its own only under the id
 * that it gave the item: where the item is told under another, the proof is wrapped together with its id.
 */
export function encodeSignature(
  signature: Signature | undefined,
  itemId: string,
): { readonly encrypted_content?: string } {
  if (signature === undefined) return {};
  const isAtHome = signature.id === undefined || signature.id === itemId;
  return { encrypted_content: carrySignature(signature, isAtHome ? "openai" : undefined) };
}

function joined(parts: unknown): string {
  if (!Array.isArray(parts)) return "";
  return parts.map((part) => (isJsonObject(part) ? (textMember(part, "text") ?? "") : "")).join(PARAGRAPH);
}
