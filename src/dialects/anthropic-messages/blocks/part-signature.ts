import type { JsonObject } from "../../../model/json.ts";
import type { Signature } from "../../../model/signature.ts";
import { textMember } from "../../json/members.ts";
import { carriedSignature, carrySignature } from "../../translation/carried-signature.ts";
import type { WireBlock } from "../wire.ts";

/** Tells the proof of the block before it from reasoning of its own. */
const MARK = "of-the-block-before:";

/**
 * Google signs texts and tool calls, for which this dialect has no place. A block of redacted thinking behind them
 * carries the proof: clients keep such blocks and send them back unread.
 */
export function encodePartSignature(signature: Signature): WireBlock {
  return { type: "redacted_thinking", data: MARK + carrySignature(signature, undefined) };
}

/** The proof of the block before; undefined for any other block. */
export function readPartSignature(block: JsonObject): Signature | undefined {
  const data = block["type"] === "redacted_thinking" ? textMember(block, "data") : undefined;
  return data?.startsWith(MARK) === true ? carriedSignature(data.slice(MARK.length), undefined) : undefined;
}
