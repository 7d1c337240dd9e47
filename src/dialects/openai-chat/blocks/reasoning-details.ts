import type { ReasoningPart } from "../../../model/content-part.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import type { Signature } from "../../../model/signature.ts";
import type { Vendor } from "../../../model/vendor.ts";
import { textMember } from "../../json/members.ts";

/** OpenRouter's names of the formats, by whose they are. */
const FORMATS: { readonly [V in Vendor]: string } = {
  anthropic: "anthropic-claude-v1",
  google: "google-gemini-v1",
  openai: "openai-responses-v1",
};

/** Whose proof holds the reasoning itself: what is shown beside it is a summary. */
const SUMMED_UP: ReadonlySet<Vendor> = new Set<Vendor>(["openai"]);

/** One entry of `reasoning_details`. */
export interface ReasoningDetail {
  readonly text: string;
  readonly signature?: Signature;
}

/**
 * `reasoning_details` of a message or delta: OpenRouter's form of reasoning with its proof, which a client sends back
 * unchanged (https://openrouter.ai/docs/use-cases/reasoning-tokens, "preserving reasoning"). Gatehouse writes it for
 * every vendor that signs, since this dialect has no place of its own for a signature.
 */
export function readReasoningDetails(message: JsonObject): readonly ReasoningDetail[] {
  const details = message["reasoning_details"];
  return Array.isArray(details) ? details.filter(isJsonObject).map(readDetail) : [];
}

/** The entry for a signed part; what is not signed stands in `reasoning_content` alone. */
export function encodeReasoningDetail(text: string, signature: Signature, index: number): JsonObject {
  const { vendor, value, redacted, id } = signature;
  const common = { format: FORMATS[vendor], index, ...(id !== undefined && { id }) };
  if (redacted === true || SUMMED_UP.has(vendor)) {
    return { type: "reasoning.encrypted", data: value, ...(text !== "" && { summary: text }), ...common };
  }
  return { type: "reasoning.text", text, signature: value, ...common };
}

/** The entries of a turn's reasoning as parts, to send on; signed ones keep their proof. */
export function decodeReasoningDetails(message: JsonObject): readonly ReasoningPart[] {
  return readReasoningDetails(message).map((detail) => ({ kind: "reasoning", ...detail }));
}

function readDetail(detail: JsonObject): ReasoningDetail {
  const data = textMember(detail, "data");
  const proof = data ?? textMember(detail, "signature");
  const text = textMember(detail, "text") ?? textMember(detail, "summary") ?? "";
  const vendor = vendorOf(textMember(detail, "format"));
  if (proof === undefined || vendor === undefined) return { text };
  const id = textMember(detail, "id");
  const redacted = data !== undefined && text === "" && !SUMMED_UP.has(vendor);
  return {
    text,
    signature: { vendor, value: proof, ...(redacted && { redacted }), ...(id !== undefined && { id }) },
  };
}

function vendorOf(format: string | undefined): Vendor | undefined {
  // The first to sign was Anthropic, before there was a member for it.
  if (format === undefined) return "anthropic";
  if (format.startsWith("anthropic-")) return "anthropic";
  if (format.startsWith("google-")) return "google";
  return format.startsWith("openai-") ? "openai" : undefined;
}
