import type { ContentPart } from "../../model/content-part.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { readFunctionCall } from "./blocks/function-call.ts";
import { decodeMediaPart, encodeMediaPart } from "./blocks/media.ts";
import { readSignature } from "./blocks/signature.ts";
import { decodeTextPart, encodeText, encodeThought } from "./blocks/text.ts";
import { BOUNDS } from "./bounds.ts";
import type { JsonText } from "./json-text.ts";

/** Gives a call its id where the client left it out. */
export type NameCall = (name: string, id: string | undefined) => string;

/** One of a content's parts but for a tool's result. What has no canonical form is kept for this same dialect. */
export function decodePart(part: unknown, nameCall: NameCall): ContentPart {
  const known = isJsonObject(part) ? decodeKnownPart(part, nameCall) : undefined;
  return known ?? { kind: "other", dialect: "gemini", value: part };
}

/** Parts that carry nothing but a proof, behind the text that it is of, become one with it. */
export function joinSignatures(parts: readonly ContentPart[]): readonly ContentPart[] {
  const joined: ContentPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    const isProof = part.kind === "reasoning" && part.text === "" && part.signature !== undefined;
    const isOfLast =
      isProof && (last?.kind === "text" || last?.kind === "reasoning") && last.signature === undefined;
    if (isOfLast) joined[joined.length - 1] = { ...last, ...signatureOf(part) };
    else if (part.kind !== "text" || part.text !== "") joined.push(part);
  }
  return joined;
}

/**
 * A part to send; undefined for what is no part here: an empty text, which Google refuses, and what stands elsewhere.
 */
export function encodePart(part: ContentPart): JsonText | undefined {
  switch (part.kind) {
    case "text":
      return part.text === "" ? undefined : encodeText(part.text, part.signature);
    case "reasoning":
      return encodeThought(part.text, part.signature);
    case "refusal":
      return part.text === "" ? undefined : encodeText(part.text);
    case "image":
    case "audio":
    case "video":
    case "document":
      return encodeMediaPart(part);
    case "other":
      return part.dialect === BOUNDS.dialect ? JSON.stringify(part.value) : undefined;
    case "tool-call":
      return undefined;
  }
}

function decodeKnownPart(part: JsonObject, nameCall: NameCall): ContentPart | undefined {
  const call = readFunctionCall(part);
  if (call === undefined) return decodeTextPart(part) ?? decodeMediaPart(part);
  const { name = "", id, args = {} } = call;
  const signature = readSignature(part);
  return {
    kind: "tool-call",
    id: nameCall(name, id),
    name,
    arguments: JSON.stringify(args),
    ...(signature && { signature }),
  };
}

function signatureOf(part: ContentPart): Pick<Extract<ContentPart, { kind: "reasoning" }>, "signature"> {
  return part.kind === "reasoning" && part.signature !== undefined ? { signature: part.signature } : {};
}
