import type { ReasoningPart } from "../../../model/content-part.ts";
import type { JsonObject } from "../../../model/json.ts";
import type { Signature } from "../../../model/signature.ts";
import type { Vendor } from "../../../model/vendor.ts";
import { textMember } from "../../json/members.ts";
import { carriedSignature, carrySignature } from "../../translation/carried-signature.ts";
import type { WireBlock } from "../wire.ts";

const HOME: Vendor = "anthropic";

/** `{"type": "thinking", "thinking", "signature"}` (https://platform.claude.com/docs/en/build-with-claude/thinking). */
export function readThinking(block: JsonObject): Omit<ReasoningPart, "kind"> {
  const text = textMember(block, "thinking") ?? "";
  const signature = readSignature(textMember(block, "signature"));
  return { text, ...(signature && { signature }) };
}

/** The proof of a thinking block, or what a `signature_delta` brings; another vendor's is carried in its place. */
export function readSignature(text: string | undefined): Signature | undefined {
  return text === undefined ? undefined : carriedSignature(text, HOME);
}

/** `{"type": "redacted_thinking", "data"}`: reasoning that nobody is shown. */
export function readRedacted(block: JsonObject): Signature | undefined {
  const signature = readSignature(textMember(block, "data"));
  return signature?.vendor === HOME ? { ...signature, redacted: true } : signature;
}

export function decodeThinkingPart(block: JsonObject): ReasoningPart {
  return { kind: "reasoning", ...readThinking(block) };
}

export function decodeRedactedPart(block: JsonObject): ReasoningPart | undefined {
  const signature = readRedacted(block);
  return signature && { kind: "reasoning", text: "", signature };
}

/** Reasoning of an earlier turn, to send back; what the provider would refuse has been left out before. */
export function encodeReasoningPart({ text, signature }: ReasoningPart): JsonObject {
  return { ...encodeReasoningBlock(text, signature) };
}

/** Reasoning as a client is given it: whatever is signed comes back with the next turn as it is. */
export function encodeReasoningBlock(text: string, signature: Signature | undefined): WireBlock {
  const proof = signature === undefined ? "" : carrySignature(signature, HOME);
  if (signature?.redacted === true) return { type: "redacted_thinking", data: proof };
  return { type: "thinking", thinking: text, signature: proof };
}
