import type { FinishReason } from "../../model/stream-event.ts";

/** What Google calls a candidate's end that has not come yet; some servers say so in every chunk. */
export function isFinish(raw: string): boolean {
  return raw !== "" && raw !== "FINISH_REASON_UNSPECIFIED";
}

/**
 * What a `finishReason` means (https://ai.google.dev/api/generate-content#FinishReason). `failed` stands for an answer
 * that came to nothing on the provider's side: what the model wrote could not be read, or was not to be written.
 */
export function finishReasonFromWire(raw: string): FinishReason | "failed" {
  switch (raw) {
    case "STOP":
      return "stop";
    case "MAX_TOKENS":
    // What one request may generate is used up; only Google's own clients have the token with which it would go on.
    case "CONTINUATION":
      return "length";
    case "SAFETY":
    case "RECITATION":
    case "BLOCKLIST":
    case "PROHIBITED_CONTENT":
    case "SPII":
    case "IMAGE_SAFETY":
    case "IMAGE_PROHIBITED_CONTENT":
    case "IMAGE_RECITATION":
    case "MODEL_ARMOR":
    case "ESCALATION":
    case "PUP_LIMITED_DISABLED":
      return "content-filter";
    case "MALFORMED_FUNCTION_CALL":
    case "MALFORMED_RESPONSE":
    case "UNEXPECTED_TOOL_CALL":
    case "MISSING_THOUGHT_SIGNATURE":
      return "failed";
    default:
      return "other";
  }
}

/** The `finishReason` to write; Google has no word of its own for calls and refusals. */
export function finishReasonToWire(reason: FinishReason | undefined): string {
  switch (reason) {
    case "stop":
    case "stop-sequence":
    case "tool-calls":
      return "STOP";
    case "length":
      return "MAX_TOKENS";
    case "content-filter":
    case "refusal":
      return "SAFETY";
    case "pause":
    case "other":
    case undefined:
      return "OTHER";
  }
}
