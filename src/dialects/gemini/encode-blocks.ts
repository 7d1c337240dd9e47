import type { Block } from "../../model/inference-response.ts";
import type { CitedSource } from "./blocks/citation.ts";
import { encodeFunctionCall } from "./blocks/function-call.ts";
import { encodeMediaPart } from "./blocks/media.ts";
import { signatureText } from "./blocks/signature.ts";
import { encodeText, encodeThought } from "./blocks/text.ts";
import { BOUNDS } from "./bounds.ts";
import type { JsonText } from "./json-text.ts";

/** A finished block as a part; undefined for what only another dialect has a word for. */
export function encodeBlock(block: Block): JsonText | undefined {
  const { text, signature } = block;
  switch (block.kind) {
    case "text":
      return encodeText(text, signature);
    case "refusal":
      return encodeText(text);
    case "reasoning":
      return text === "" && signature === undefined ? undefined : encodeThought(text, signature);
    case "tool-call":
      return encodeFunctionCall(
        { ...block, arguments: text },
        signature === undefined ? undefined : signatureText(signature),
      );
    case "image":
      return encodeMediaPart({ kind: "image", source: block.source });
    case "other":
      return block.dialect === BOUNDS.dialect ? JSON.stringify(block.value) : undefined;
  }
}

/** True for what is part of a candidate's text, in which places are counted. */
export function isSaid({ kind }: { readonly kind: Block["kind"] }): boolean {
  return kind === "text" || kind === "refusal";
}

/** The citations of a block whose text begins at `offset` of all that was said. */
export function citedSources(
  citations: readonly CitedSource[],
  offset: number,
  length: number,
): readonly CitedSource[] {
  return citations.map(({ source, citedText, start = 0, end = length }) => ({
    source,
    ...(citedText !== undefined && { citedText }),
    start: offset + start,
    end: offset + end,
  }));
}
