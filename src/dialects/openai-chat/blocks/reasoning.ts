import type { ContentPart } from "../../../model/conversation.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import { textMember } from "../../json/members.ts";

/**
 * The reasoning beside a message's or delta's content. OpenAI shows none; DeepSeek, xAI, Alibaba and Moonshot name it
 * `reasoning_content`, Groq and OpenRouter `reasoning`. A server that sends both sends the same text twice.
 */
export function readReasoning(message: JsonObject): string {
  return textMember(message, "reasoning_content") ?? textMember(message, "reasoning") ?? "";
}

/** Mistral's `{"type": "thinking", "thinking": [{"type": "text", "text"}]}` inside content. */
export function decodeThinkingPart(part: JsonObject): ContentPart | undefined {
  const { thinking } = part;
  if (typeof thinking === "string") return { kind: "reasoning", text: thinking };
  if (!Array.isArray(thinking)) return undefined;
  const texts = thinking.map((piece) => (isJsonObject(piece) ? (textMember(piece, "text") ?? "") : ""));
  return { kind: "reasoning", text: texts.join("") };
}

/**
 * The reasoning of an assistant's turn, to send back: DeepSeek and Moonshot want it between tool calls. Signed
 * reasoning is another vendor's and means nothing here.
 */
export function encodeReasoning(parts: readonly ContentPart[]): { readonly reasoning_content?: string } {
  const unsigned = parts.filter((part) => part.kind === "reasoning" && part.signature === undefined);
  const text = unsigned.map((part) => (part.kind === "reasoning" ? part.text : "")).join("");
  return text === "" ? {} : { reasoning_content: text };
}
