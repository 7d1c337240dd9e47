import type { FinishReason } from "../../model/stream-event.ts";

/**
 * What a `finish_reason` means (https://docs.cohere.com/v2/reference/chat, "finish_reason"; the ones behind `ERROR_` are
 * those of models hosted elsewhere). `failed` stands for a generation that broke off.
 */
export function finishReasonFromWire(raw: string): FinishReason | "failed" {
  switch (raw.toUpperCase()) {
    case "COMPLETE":
      return "stop";
    case "STOP_SEQUENCE":
      return "stop-sequence";
    case "MAX_TOKENS":
    case "ERROR_LIMIT":
      return "length";
    case "TOOL_CALL":
      return "tool-calls";
    case "ERROR_TOXIC":
      return "content-filter";
    case "ERROR":
    case "TIMEOUT":
      return "failed";
    default:
      return "other";
  }
}
