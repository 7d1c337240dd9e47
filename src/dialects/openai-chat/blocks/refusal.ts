import type { ContentPart, RefusalPart } from "../../../model/content-part.ts";
import type { JsonObject } from "../../../model/json.ts";
import { textMember } from "../../json/members.ts";

/** The model's own refusal, beside a message's or delta's content. */
export function readRefusal(message: JsonObject): string {
  return textMember(message, "refusal") ?? "";
}

/** `{"type": "refusal", "refusal"}` inside an assistant's content. */
export function decodeRefusalPart(part: JsonObject): RefusalPart | undefined {
  return typeof part["refusal"] === "string" ? { kind: "refusal", text: part["refusal"] } : undefined;
}

/** The refusal of an assistant's turn, to send back. */
export function encodeRefusal(parts: readonly ContentPart[]): { readonly refusal?: string } {
  const text = parts.map((part) => (part.kind === "refusal" ? part.text : "")).join("");
  return text === "" ? {} : { refusal: text };
}
