import type { ContentPart, ReasoningPart } from "../../../model/content-part.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import type { Quirks } from "../../../model/quirks.ts";
import { textMember } from "../../json/members.ts";
import { decodeReasoningDetails, encodeReasoningDetail } from "./reasoning-details.ts";

/**
 * The reasoning beside a message's or delta's content. OpenAI shows none; DeepSeek, xAI, Alibaba and Moonshot name it
 * `reasoning_content`, Groq and OpenRouter `reasoning`. A server that sends both sends the same text twice.
 */
export function readReasoning(message: JsonObject): string {
  return textMember(message, "reasoning_content") ?? textMember(message, "reasoning") ?? "";
}

/** The reasoning of an earlier turn: with its proofs where the client kept them, else its text alone. */
export function decodeReasoning(message: JsonObject): readonly ReasoningPart[] {
  const details = decodeReasoningDetails(message);
  const text = readReasoning(message);
  if (details.length === 0) return text === "" ? [] : [{ kind: "reasoning", text }];
  return details;
}

/** Mistral's `{"type": "thinking", "thinking": [{"type": "text", "text"}]}` inside content. */
export function decodeThinkingPart(part: JsonObject): ReasoningPart | undefined {
  const { thinking } = part;
  if (typeof thinking === "string") return { kind: "reasoning", text: thinking };
  if (!Array.isArray(thinking)) return undefined;
  const texts = thinking.map((piece) => (isJsonObject(piece) ? (textMember(piece, "text") ?? "") : ""));
  return { kind: "reasoning", text: texts.join("") };
}

/** The reasoning of an assistant's turn, to send back: some servers want it between tool calls, under their own name. */
export function encodeReasoning(parts: readonly ContentPart[], quirks: Quirks): JsonObject {
  const reasoning = parts.filter((part) => part.kind === "reasoning");
  const text = reasoning.map((part) => part.text).join("");
  const signed = reasoning.flatMap(({ text: own, signature }, index) =>
    signature === undefined ? [] : [encodeReasoningDetail(own, signature, index)],
  );
  const member = quirks.reasoningHistory ?? "reasoning_content";
  if (member === "reasoning_details") {
    return {
      ...(text !== "" && { reasoning: text }),
      ...(signed.length > 0 && { reasoning_details: signed }),
    };
  }
  return text === "" ? {} : { [member]: text };
}
