import type { JsonObject } from "../../../model/json.ts";
import type { Signature } from "../../../model/signature.ts";
import { find } from "../../stream/find.ts";
import { carriedSignature, carrySignature } from "../../translation/carried-signature.ts";
import { textOf } from "../members.ts";

/**
 * Google's documented stand-in for a call's proof that the client doesn't have: it was lost, or another vendor's model
 * made the call (https://ai.google.dev/gemini-api/docs/thought-signatures, FAQ).
 */
export const UNSIGNED_CALL = "skip_thought_signature_validator";

/** What the wrapping of another vendor's signature begins with, in base64: `gatehouse:`. */
const WRAPPED = "Z2F0ZWhvdXNlO";

const WRAPPED_MEMBER = Buffer.from(`"${WRAPPED}`);

/** Whether a request's bytes hold another vendor's signature, so that they can't go on to Google as they are. */
export function holdsForeignSignature(bytes: Uint8Array): boolean {
  return find(bytes, WRAPPED_MEMBER, 0) !== -1;
}

/** `thoughtSignature`, which may stand on a part of any kind. */
export function readSignature(part: JsonObject): Signature | undefined {
  const text = textOf(part, "thoughtSignature");
  if (text === undefined || text === UNSIGNED_CALL) return undefined;
  if (!text.startsWith(WRAPPED)) return { vendor: "google", value: text };
  return carriedSignature(Buffer.from(text, "base64").toString(), "google");
}

/** The member is bytes to Google's SDKs, so another vendor's signature is wrapped in base64 as well. */
export function signatureText(signature: Signature): string {
  const carried = carrySignature(signature, "google");
  return signature.vendor === "google" ? carried : Buffer.from(carried).toString("base64");
}

/** The member to spread into a part. */
export function encodeSignature(signature: Signature | undefined): { readonly thoughtSignature?: string } {
  return signature === undefined ? {} : { thoughtSignature: signatureText(signature) };
}
