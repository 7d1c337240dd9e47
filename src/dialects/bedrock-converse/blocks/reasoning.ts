import type { ReasoningPart } from "../../../model/content-part.ts";
import { isJsonObject, type JsonObject } from "../../../model/json.ts";
import type { Signature } from "../../../model/signature.ts";
import { textMember } from "../../json/members.ts";

/** What a reasoning block or delta says. */
export interface ReasoningPiece {
  readonly text: string;
  readonly signature?: Signature;
}

/**
 * `reasoningContent` of a whole block, `{"reasoningText": {"text", "signature"}}` or `{"redactedContent"}`, or of a
 * delta, where each comes by itself
 * (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ReasoningContentBlock.html).
 *
 * Only Claude signs, and its signatures are the same on every platform
 * (https://platform.claude.com/docs/en/build-with-claude/extended-thinking, "compatible across platforms").
 */
export function readReasoning(content: JsonObject): ReasoningPiece {
  const whole = content["reasoningText"];
  const holder = isJsonObject(whole) ? whole : content;
  const text = textMember(holder, "text") ?? "";
  const redacted = textMember(content, "redactedContent");
  if (redacted !== undefined)
    return { text, signature: { vendor: "anthropic", value: redacted, redacted: true } };
  const value = textMember(holder, "signature");
  return value === undefined ? { text } : { text, signature: { vendor: "anthropic", value } };
}

/** The reasoning of an earlier turn, with its proof: without one it would be refused. */
export function encodeReasoning({ text, signature }: ReasoningPart): readonly JsonObject[] {
  if (signature === undefined) return [];
  if (signature.redacted === true) return [{ reasoningContent: { redactedContent: signature.value } }];
  return [{ reasoningContent: { reasoningText: { text, signature: signature.value } } }];
}
