import type { ReasoningPart, TextPart } from "../../../model/content-part.ts";
import type { JsonObject } from "../../../model/json.ts";
import type { Signature } from "../../../model/signature.ts";
import { either } from "../members.ts";
import { encodeSignature, readSignature } from "./signature.ts";

/** `{"text"}`, said or (with `thought`) thought. Undefined for a part that is none. */
export function readText(
  part: JsonObject,
):
  | { readonly text: string; readonly thought: boolean; readonly signature: Signature | undefined }
  | undefined {
  const { text } = part;
  if (typeof text !== "string") return undefined;
  return { text, thought: either(part, "thought") === true, signature: readSignature(part) };
}

/** A text of an earlier turn. A proof alone, without text, is a thought that nobody is shown. */
export function decodeTextPart(part: JsonObject): TextPart | ReasoningPart | undefined {
  const read = readText(part);
  if (read === undefined) return undefined;
  const { text, thought, signature } = read;
  const isHidden = text === "" && signature !== undefined;
  const kind = thought || isHidden ? "reasoning" : "text";
  return { kind, text, ...(signature && { signature }) };
}

export function encodeText(text: string, signature?: Signature): string {
  return JSON.stringify({ text, ...encodeSignature(signature) });
}

/** Where only the proof is left, it stands on an empty text, as Google sends it at the end of a stream. */
export function encodeThought(text: string, signature?: Signature): string {
  return JSON.stringify({ text, ...(text !== "" && { thought: true }), ...encodeSignature(signature) });
}
