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

/** The same, to send back; nothing where the provider wants reasoning elsewhere. */
export function encodeThinkingParts(parts: readonly ContentPart[], quirks: Quirks): readonly JsonObject[] {
  if (quirks.reasoningHistory !== "thinking-part") return [];
  const texts = parts.flatMap((part) => (part.kind === "reasoning" && part.text !== "" ? [part.text] : []));
  return texts.map((text) => ({ type: "thinking", thinking: [{ type: "text", text }], closed: true }));
}

/**
 * The members beside an assistant's content that hold its reasoning: some servers want it back between tool calls,
 * under their own name, and DeepSeek refuses a turn without (https://api-docs.deepseek.com/guides/thinking_mode).
 */
export function encodeReasoning(parts: readonly ContentPart[], quirks: Quirks): JsonObject {
  const member = quirks.reasoningHistory ?? "reasoning_content";
  if (member === "thinking-part") return {};
  const reasoning = parts.filter((part) => part.kind === "reasoning");
  const text = reasoning.map((part) => part.text).join("");
  if (member !== "reasoning_details") {
    return text === "" && quirks.reasoningHistoryRequired !== true ? {} : { [member]: text };
  }
  const signed = reasoning.flatMap(({ text: own, signature }, index) =>
    signature === undefined ? [] : [encodeReasoningDetail(own, signature, index)],
  );
  return {
    ...(text !== "" && { reasoning: text }),
    ...(signed.length > 0 && { reasoning_details: signed }),
  };
}
